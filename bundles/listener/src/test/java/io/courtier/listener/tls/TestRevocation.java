// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener.tls;

import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.Signature;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;

/** Revocation lists (RFC 5280, 5.1), byte by byte: the JDK reads them and writes none. */
public final class TestRevocation {
    /** SEQUENCE { ecdsa-with-SHA256 } */
    private static final byte[] ECDSA_SHA256 = HexFormat.of().parseHex("300a06082a8648ce3d040302");

    private static final byte[] CRITICAL_DELTA =
            // [0] { SEQUENCE { SEQUENCE { OID 2.5.29.27, TRUE, OCTET STRING { INTEGER 1 } } } }
            HexFormat.of().parseHex("a0123010300e0603551d1b0101ff0404" + "02020001");

    private TestRevocation() {}

    /** DER, from an hour before its end on. */
    public static byte[] list(X509Bundle issuer, Instant end, X509Bundle... revoked) {
        return list(issuer, end, new byte[0], revoked);
    }

    /** What has changed since another list. */
    static byte[] delta(X509Bundle issuer, Instant end) {
        return list(issuer, end, CRITICAL_DELTA);
    }

    private static byte[] list(X509Bundle issuer, Instant end, byte[] extensions, X509Bundle... revoked) {
        try {
            byte[] issued = time(end.minusSeconds(3600));
            byte[] entries = new byte[0];
            for (X509Bundle bundle : revoked) {
                byte[] serial = bundle.getCertificate().getSerialNumber().toByteArray();
                entries = joined(entries, tagged(0x30, tagged(0x02, serial), issued));
            }
            byte[] list = tagged(
                    0x30,
                    tagged(0x02, new byte[] {1}), // version 2
                    ECDSA_SHA256,
                    issuer.getCertificate().getSubjectX500Principal().getEncoded(),
                    issued,
                    time(end),
                    entries.length == 0 ? entries : tagged(0x30, entries),
                    extensions);
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(issuer.getKeyPair().getPrivate());
            signature.update(list);
            return tagged(0x30, list, ECDSA_SHA256, tagged(0x03, new byte[] {0}, signature.sign()));
        } catch (java.security.GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte[] time(Instant time) {
        DateTimeFormatter utc = DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
        return tagged(0x17, utc.format(time).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] tagged(int tag, byte[]... parts) {
        byte[] content = joined(parts);
        byte[] length = content.length < 0x80
                ? new byte[] {(byte) content.length}
                : new byte[] {(byte) 0x82, (byte) (content.length >> 8), (byte) content.length};
        return joined(new byte[] {(byte) tag}, length, content);
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) out.writeBytes(part);
        return out.toByteArray();
    }
}
