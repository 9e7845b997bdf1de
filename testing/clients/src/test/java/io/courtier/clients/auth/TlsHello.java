// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** The first message of a TLS client, byte by byte: clients of today no longer say what is asked here. [RFC 5246 7.4.1.2] */
record TlsHello(byte[] record) {
    /** ECDHE with AES and ChaCha20, and the same with CBC and SHA-1, which the old versions know, too. */
    static final String STRONG = "c02b c02f c02c c030 cca9 cca8 c009 c013 c00a c014";
    /** NULL, export RC4, RC4, DES, 3DES, anonymous. */
    static final String WEAK = "0001 0002 003b 0003 0004 0005 c007 c011 0009 000a c008 c012 0034 c018";

    private static final String EXTENSIONS =
            // supported_groups: x25519, secp256r1
            "000a 0006 0004 001d 0017"
                    // ec_point_formats: uncompressed
                    + "000b 0002 01 00"
                    // signature_algorithms: ECDSA and RSA, with SHA-256 and SHA-1
                    + "000d 000a 0008 0403 0401 0203 0201"
                    // extended_master_secret, and secure renegotiation
                    + "0017 0000 ff01 0001 00";

    /** @param version 0x0300 for SSL 3.0 to 0x0303 for TLS 1.2 */
    static TlsHello of(int version, String cipherSuites) {
        byte[] suites = bytes(cipherSuites);
        byte[] extensions = bytes(EXTENSIONS);
        ByteBuffer body = ByteBuffer.allocate(1_024);
        body.putShort((short) version).put(new byte[32]).put((byte) 0);
        body.putShort((short) suites.length).put(suites);
        body.put((byte) 1).put((byte) 0);
        // SSL 3.0 knows none.
        if (version > 0x0300) body.putShort((short) extensions.length).put(extensions);
        int length = body.position();
        ByteBuffer record = ByteBuffer.allocate(9 + length);
        record.put((byte) 22).putShort((short) Math.min(version, 0x0301)).putShort((short) (4 + length));
        record.put((byte) 1).put((byte) 0).putShort((short) length).put(body.array(), 0, length);
        return new TlsHello(record.array());
    }

    /** The same, announced as longer than it is. */
    byte[] padded(int length) {
        byte[] longer = Arrays.copyOf(record, 9 + length);
        ByteBuffer.wrap(longer).putShort(3, (short) (4 + length)).putShort(7, (short) length);
        return longer;
    }

    /** What a server says to it: {@code a hello}, an alert by its name, or {@code nothing}. */
    String answer(int port) throws IOException {
        try (Socket socket = Bare.socket(port, "127.0.0.1")) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(record);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            int type = in.readUnsignedByte();
            in.skipNBytes(4);
            if (type == 22) return in.readUnsignedByte() == 2 ? "a hello" : "another message";
            in.skipNBytes(1);
            int alert = in.readUnsignedByte();
            return switch (alert) {
                case 40 -> "the alert handshake_failure";
                case 70 -> "the alert protocol_version";
                default -> "the alert " + alert;
            };
        } catch (EOFException closed) {
            return "nothing";
        }
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
