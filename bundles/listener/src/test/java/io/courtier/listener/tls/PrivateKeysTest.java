// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrivateKeysTest {
    @Test
    void readsPkcs8() throws Exception {
        KeyPair pair = pair("EC");
        PrivateKey read =
                PrivateKeys.read(new Pem("PRIVATE KEY", pair.getPrivate().getEncoded()), "", "EC");
        assertThat(PrivateKeys.fit(read, pair.getPublic())).isTrue();
        assertThat(PrivateKeys.fit(read, pair("EC").getPublic())).isFalse();
    }

    @Test
    void readsTheOldRsaForm() throws Exception {
        KeyPair pair = pair("RSA");
        byte[] pkcs8 = pair.getPrivate().getEncoded();
        // SEQUENCE (4), version (3), algorithm (15), OCTET STRING (4), then the old form.
        byte[] pkcs1 = Arrays.copyOfRange(pkcs8, 26, pkcs8.length);
        PrivateKey read = PrivateKeys.read(new Pem("RSA PRIVATE KEY", pkcs1), "", "RSA");
        assertThat(PrivateKeys.fit(read, pair.getPublic())).isTrue();
    }

    /** openssl pkcs8 -topk8 -v2 aes-256-cbc -passout pass:secret */
    @Test
    void decryptsPkcs8() throws Exception {
        String file =
                """
                -----BEGIN ENCRYPTED PRIVATE KEY-----
                MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAicdWY2neaKegICCAAw
                DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEHE7jJmQQ3nI07uUJl9UYbgEgZDe
                AdSvfLt3UaXhXhIIfcDxoejCkHZzSzZzH7NQ3eaS/+Q4NqPSumvtsSSC0BBFPFq7
                vgHbQKkErKVMj8OVtsOqECJb2+hhG0dajEo+Oz0Sa/2AYXqoSL2IzQFXfIjuDq/F
                5gTwSIVhuxvdpH2yzNSUfAxh+sjBgBBRpNnqc7bd8mnmsVQPpfoeJIdibhbB9Vc=
                -----END ENCRYPTED PRIVATE KEY-----
                """;
        byte[] publicKey = Base64.getDecoder()
                .decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBGlIi6fmaOUEL0dOlWajW8zBQfDk"
                        + "qxkGOP5O+IIXYPiiBAVSfwJhEq8aF8kM/deGkx5uoCQbOeC2ifcTCHlchg==");
        Pem block = Pem.blocks(file.getBytes(StandardCharsets.US_ASCII)).get(0);
        PrivateKey read = PrivateKeys.read(block, "secret", "EC");
        assertThat(PrivateKeys.fit(
                        read, KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(publicKey))))
                .isTrue();
        assertThatThrownBy(() -> PrivateKeys.read(block, "wrong", "EC")).isInstanceOf(GeneralSecurityException.class);
    }

    @Test
    void findsTheBlocksAmongOtherText() {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\r', '\n'}).encodeToString(new byte[100]);
        String file = "subject=CN=x - y\n-----BEGIN CERTIFICATE-----\r\n" + base64 + "\r\n-----END CERTIFICATE-----\n"
                + "more\n-----BEGIN PRIVATE KEY-----\n" + base64 + "\n-----END PRIVATE KEY-----";
        List<Pem> blocks = Pem.blocks(file.getBytes(StandardCharsets.US_ASCII));
        assertThat(blocks).extracting(Pem::type).containsExactly("CERTIFICATE", "PRIVATE KEY");
        assertThat(blocks.get(1).der()).hasSize(100);
    }

    private static KeyPair pair(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (algorithm.equals("RSA")) {
            generator.initialize(2048);
        }
        return generator.generateKeyPair();
    }
}
