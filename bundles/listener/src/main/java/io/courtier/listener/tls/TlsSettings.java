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
        Revocation revocation,
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

    /**
     * What is to be known of client certificates before they are believed.
     *
     * @param lists a file or a folder, empty for none: then nobody asks
     * @param allowsExpired whether a list that is over still speaks for those that it does not name
     * @param allowsMissing whether an issuer needs no list
     */
    public record Revocation(String lists, boolean allowsExpired, boolean allowsMissing) {}

    @Override
    public String toString() {
        return "TlsSettings[" + file + "]";
    }
}
