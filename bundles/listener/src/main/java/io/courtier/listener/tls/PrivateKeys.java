// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener.tls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** Reads private keys as PEM files hold them: PKCS#8, plain or encrypted, and the older RSA form. */
final class PrivateKeys {
    /** Version 0, then the algorithm: rsaEncryption without parameters. */
    private static final byte[] RSA_HEADER = {
        0x02,
        0x01,
        0x00,
        0x30,
        0x0d,
        0x06,
        0x09,
        0x2a,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xf7,
        0x0d,
        0x01,
        0x01,
        0x01,
        0x05,
        0x00
    };

    private PrivateKeys() {}

    /** @param algorithm of the public key that it must fit */
    static PrivateKey read(Pem block, String password, String algorithm) throws GeneralSecurityException, IOException {
        byte[] pkcs8 =
                switch (block.type()) {
                    case "ENCRYPTED PRIVATE KEY" -> null;
                    case "RSA PRIVATE KEY" -> pkcs8(block.der());
                    default -> block.der();
                };
        PKCS8EncodedKeySpec spec = pkcs8 == null ? decrypt(block.der(), password) : new PKCS8EncodedKeySpec(pkcs8);
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
    }

    /** Whether what the one signs the other verifies. */
    static boolean fit(PrivateKey privateKey, PublicKey publicKey) throws GeneralSecurityException {
        String algorithm =
                switch (publicKey.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> publicKey.getAlgorithm();
                };
        byte[] message = {1, 2, 3};
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(privateKey);
        signature.update(message);
        byte[] signed = signature.sign();
        signature.initVerify(publicKey);
        signature.update(message);
        return signature.verify(signed);
    }

    private static PKCS8EncodedKeySpec decrypt(byte[] der, String password)
            throws GeneralSecurityException, IOException {
        EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
        // PBES2 names its parts in the parameters only.
        String algorithm =
                info.getAlgName().equals("PBES2") || info.getAlgName().equals("1.2.840.113549.1.5.13")
                        ? info.getAlgParameters().toString()
                        : info.getAlgName();
        SecretKey key = SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password.toCharArray()));
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(Cipher.DECRYPT_MODE, key, info.getAlgParameters());
        return info.getKeySpec(cipher);
    }

    /** Wraps an RSAPrivateKey: SEQUENCE { version, algorithm, OCTET STRING }. */
    private static byte[] pkcs8(byte[] rsa) {
        byte[] octets = tagged(0x04, new byte[0], rsa);
        return tagged(0x30, RSA_HEADER, octets);
    }

    private static byte[] tagged(int tag, byte[] first, byte[] second) {
        int length = first.length + second.length;
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 5);
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            int lengthBytes = (39 - Integer.numberOfLeadingZeros(length)) / 8;
            out.write(0x80 | lengthBytes);
            for (int shift = (lengthBytes - 1) * 8; shift >= 0; shift -= 8) {
                out.write(length >> shift);
            }
        }
        out.writeBytes(first);
        out.writeBytes(second);
        return out.toByteArray();
    }
}
