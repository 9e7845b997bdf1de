// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener.tls;

import java.util.List;

/**
 * What the configuration says about TLS. Paths and passwords are empty where not given.
 *
 * @param file the configuration file, for messages
 */
public record TlsSettings(
        String file,
        String certificate,
        String key,
        String keyPassword,
        String keystore,
        String keystorePassword,
        String trust,
        String trustPassword,
        ClientCertificate clientCertificate,
        List<String> protocols,
        Provider provider) {

    public enum ClientCertificate {
        NONE,
        WANT,
        NEED
    }

    public enum Provider {
        AUTO,
        OPENSSL,
        JDK
    }

    @Override
    public String toString() {
        return "TlsSettings[" + file + "]";
    }
}
