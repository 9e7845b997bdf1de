// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.X509Bundle;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Of all certificates that a client presents, those that prove who it is. */
class HandshakeTest {
    private final X509Bundle authority = authority("CN=Ours");
    private final X509Bundle department = issued(authority, "CN=Department", true);
    private final X509Bundle pump = issued(authority, "CN=pump-7", false);
    private final X509Bundle valve = issued(department, "CN=valve-1", false);
    private final X509Bundle strange = authority("CN=Strange");
    private final X509Bundle forged = issued(strange, "CN=admin", false);

    @Test
    void isThePathFromTheClientToTheAuthority() {
        assertThat(proven(authority, pump)).containsExactly("CN=pump-7", "CN=Ours");
        assertThat(proven(authority, pump, authority)).containsExactly("CN=pump-7", "CN=Ours");
        assertThat(proven(authority, valve, department)).containsExactly("CN=valve-1", "CN=Department", "CN=Ours");
        assertThat(proven(authority, valve, department, authority))
                .containsExactly("CN=valve-1", "CN=Department", "CN=Ours");
    }

    @Test
    void leavesOutWhatProvesNothing() {
        assertThat(proven(authority, pump, forged)).containsExactly("CN=pump-7", "CN=Ours");
        assertThat(proven(authority, pump, forged, strange)).containsExactly("CN=pump-7", "CN=Ours");
        assertThat(proven(authority, pump, department)).containsExactly("CN=pump-7", "CN=Ours");
        assertThat(proven(authority, valve, forged, department, strange))
                .containsExactly("CN=valve-1", "CN=Department", "CN=Ours");
    }

    @Test
    void leavesOutAnAuthorityOfTheRightNameAndTheWrongKey() {
        X509Bundle impostor = authority("CN=Ours");
        assertThat(Handshake.proven(
                        List.of(pump.getCertificate(), impostor.getCertificate()), List.of(authority.getCertificate())))
                .containsExactly(pump.getCertificate(), authority.getCertificate());
    }

    @Test
    void isNothingForWhoPresentsNothing() {
        assertThat(Handshake.proven(List.of(), List.of(authority.getCertificate())))
                .isEmpty();
    }

    /** The handshake proved it, perhaps with certificates of the past. */
    @Test
    void isTheOwnCertificateAloneWhereNoPathIsFound() {
        assertThat(proven(strange, pump, forged)).containsExactly("CN=pump-7");
        assertThat(Handshake.proven(List.of(pump.getCertificate()), List.of())).containsExactly(pump.getCertificate());
        X509Bundle old = issue(
                authority,
                TestCertificates.base()
                        .subject("CN=old")
                        .notBefore(Instant.now().minus(9, ChronoUnit.DAYS))
                        .notAfter(Instant.now().minus(5, ChronoUnit.DAYS)));
        assertThat(proven(authority, old, forged)).containsExactly("CN=old");
    }

    private static List<String> proven(X509Bundle believed, X509Bundle... presented) {
        List<X509Certificate> certificates =
                List.of(presented).stream().map(X509Bundle::getCertificate).toList();
        return Handshake.proven(certificates, List.of(believed.getCertificate())).stream()
                .map(certificate -> certificate.getSubjectX500Principal().getName())
                .toList();
    }

    private static X509Bundle authority(String name) {
        try {
            return TestCertificates.base()
                    .subject(name)
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static X509Bundle issued(X509Bundle by, String name, boolean authority) {
        return issue(by, TestCertificates.base().subject(name).setIsCertificateAuthority(authority));
    }

    private static X509Bundle issue(X509Bundle by, io.netty.pkitesting.CertificateBuilder builder) {
        try {
            return builder.buildIssuedBy(by);
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
