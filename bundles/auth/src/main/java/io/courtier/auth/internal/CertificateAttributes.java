// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a certificate says of its client, for access rules: {@code cn}, {@code o}, {@code ou}, {@code c}, {@code serial},
 * {@code issuer.cn}, and {@code san.dns}, {@code san.email}, {@code san.uri} and {@code san.ip}. Of several of a kind it is
 * the most specific of the subject, and the first alternative name. What the certificate does not say is missing.
 */
final class CertificateAttributes {
    private CertificateAttributes() {}

    /** Of the client's own certificate, which is proven. */
    static Map<String, String> of(X509Certificate own) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (String type : new String[] {"CN", "O", "OU", "C"}) {
            put(attributes, type.toLowerCase(Locale.ROOT), CommonNames.of(own.getSubjectX500Principal(), type));
        }
        put(attributes, "issuer.cn", CommonNames.of(own.getIssuerX500Principal()));
        put(attributes, "serial", serial(own.getSerialNumber()));
        for (String written : CertificateName.SAN.of(own)) {
            int colon = written.indexOf(':');
            String kind = "san." + written.substring(0, colon).toLowerCase(Locale.ROOT);
            attributes.putIfAbsent(kind, written.substring(colon + 1));
        }
        return attributes;
    }

    private static void put(Map<String, String> attributes, String name, @Nullable String value) {
        if (value != null) attributes.put(name, value);
    }

    /** As openssl x509 -serial prints it; none for what is no positive number of 20 bytes. [RFC 5280 4.1.2.2] */
    private static @Nullable String serial(BigInteger number) {
        if (number.signum() <= 0 || number.bitLength() > 160) return null;
        String digits = number.toString(16).toUpperCase(Locale.ROOT);
        return digits.length() % 2 == 0 ? digits : "0" + digits;
    }
}
