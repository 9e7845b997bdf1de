// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.listener.CannotOpen;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathValidatorException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevocationListsTest {
    private static final Instant TOMORROW = Instant.now().plus(Duration.ofDays(1));
    private static final Instant YESTERDAY = Instant.now().minus(Duration.ofDays(1));

    private final X509Bundle root = issue("CN=Root", null);
    private final X509Bundle plant = issue("CN=Plant", root);
    private final X509Bundle pump = issue("CN=pump-7", root);
    private final X509Bundle valve = issue("CN=valve-1", plant);

    @TempDir
    private Path folder;

    @Test
    void refusesWhoIsRevokedAndNobodyElse() throws Exception {
        write("root.crl", TestRevocation.list(root, TOMORROW, pump));
        RevocationLists lists = lists("refuse", "refuse");
        assertThat(said(lists, pump, root)).endsWith("of CN=Root is revoked REVOKED");
        assertThat(said(lists, issue("CN=pump-8", root), root)).isEqualTo("good");
        assertThat(lists.revoked(List.of(pump.getCertificate(), root.getCertificate())))
                .contains("serial=" + pump.getCertificate().getSerialNumber().toString(16));
        assertThat(lists).hasToString("issuers=1 revoked=1");
    }

    @Test
    void needsAListForEveryIssuerOfThePath() throws Exception {
        write("root.crl", TestRevocation.list(root, TOMORROW));
        assertThat(said(lists("refuse", "refuse"), valve, plant, root))
                .endsWith("of CN=Plant has an issuer without a CRL UNDETERMINED_REVOCATION_STATUS");
        assertThat(said(lists("refuse", "allow"), valve, plant, root)).isEqualTo("good");
        write("plant.crl", TestRevocation.list(plant, TOMORROW));
        assertThat(said(lists("refuse", "refuse"), valve, plant, root)).isEqualTo("good");
        write("root.crl", TestRevocation.list(root, TOMORROW, plant));
        assertThat(said(lists("refuse", "allow"), valve, plant, root)).endsWith("of CN=Root is revoked REVOKED");
    }

    @Test
    void refusesByAListThatIsOverUnlessToldOtherwiseAndNamesItOnce() throws Exception {
        write("root.crl", TestRevocation.list(root, YESTERDAY, pump));
        X509Bundle good = issue("CN=pump-8", root);
        RevocationLists lists = lists("refuse", "refuse");
        assertThat(said(lists, good, root)).contains("has an issuer whose CRL was valid until");
        assertThat(lists.newlyExpired(Instant.now()))
                .singleElement()
                .asString()
                .startsWith("the CRL of CN=Root was valid until ")
                .endsWith("clients of that authority are refused until it is renewed");
        assertThat(lists.newlyExpired(Instant.now())).isEmpty();
        assertThat(said(lists("allow", "refuse"), good, root)).isEqualTo("good");
        assertThat(said(lists("allow", "refuse"), pump, root)).endsWith("REVOKED");
    }

    @Test
    void usesTheNewestListOfAnIssuer() throws Exception {
        write("1.crl", TestRevocation.list(root, TOMORROW, pump));
        write("2.crl", TestRevocation.list(root, TOMORROW.plusSeconds(60)));
        write("0.crl", TestRevocation.list(root, TOMORROW.minusSeconds(60), pump));
        assertThat(said(lists("refuse", "refuse"), pump, root)).isEqualTo("good");
    }

    @Test
    void doesNotBelieveAListThatSomebodyElseSigned() throws Exception {
        write("root.crl", TestRevocation.list(issue("CN=Root", null), TOMORROW, pump));
        assertThat(said(lists("refuse", "refuse"), pump, root)).contains("has an issuer without a CRL");
        assertThat(lists("refuse", "refuse").revoked(List.of(pump.getCertificate(), root.getCertificate())))
                .isNull();
    }

    @Test
    void refusesAPathThatNobodyProved() throws Exception {
        write("root.crl", TestRevocation.list(root, TOMORROW));
        assertThat(said(lists("refuse", "allow"), valve)).contains("has no path to an authority of tls.trust");
        assertThat(said(lists("refuse", "allow"), root)).isEqualTo("good");
    }

    @Test
    void readsPemWithSeveralLists() throws Exception {
        Files.writeString(
                folder.resolve("all.pem"),
                pem(TestRevocation.list(plant, TOMORROW, valve)) + "\n" + pem(TestRevocation.list(root, TOMORROW)));
        assertThat(said(lists("refuse", "refuse"), valve, plant, root)).endsWith("REVOKED");
        assertThat(said(lists("refuse", "refuse"), pump, root)).isEqualTo("good");
    }

    @Test
    void saysWhatIsNoList() throws Exception {
        write("root.crl", TestRevocation.delta(root, TOMORROW));
        assertThatThrownBy(() -> lists("refuse", "refuse"))
                .isInstanceOf(CannotOpen.class)
                .hasMessageContaining("root.crl has a CRL that is only a part");
        Files.writeString(folder.resolve("root.crl"), "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
        assertThatThrownBy(() -> lists("refuse", "refuse")).hasMessageContaining("root.crl has no CRL");
        write("root.crl", new byte[] {0x30, 1, 2, 3});
        assertThatThrownBy(() -> lists("refuse", "refuse")).hasMessageContaining("root.crl has a broken CRL");
    }

    private RevocationLists lists(String expired, String missing) throws Exception {
        TlsSettings settings = new TlsSettings(
                "etc/x.cfg",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                TlsSettings.ClientCertificate.NEED,
                new TlsSettings.Revocation(folder.toString(), expired.equals("allow"), missing.equals("allow")),
                List.of(),
                TlsSettings.Provider.JDK);
        return RevocationLists.of(settings, TlsFiles.read(settings), List.of(root.getCertificate()));
    }

    private static String said(RevocationLists lists, X509Bundle... path) {
        List<X509Certificate> certificates =
                Arrays.stream(path).map(X509Bundle::getCertificate).toList();
        try {
            lists.check(certificates);
            return "good";
        } catch (CertPathValidatorException refusal) {
            return refusal.getMessage() + " " + refusal.getReason();
        }
    }

    private void write(String name, byte[] der) throws Exception {
        Files.write(folder.resolve(name), der);
    }

    private static String pem(byte[] der) {
        return "-----BEGIN X509 CRL-----\n" + Base64.getMimeEncoder().encodeToString(der)
                + "\n-----END X509 CRL-----\n";
    }

    private static X509Bundle issue(String name, X509Bundle by) {
        try {
            var builder = TestCertificates.base().subject(name).setIsCertificateAuthority(!name.contains("-"));
            return by == null ? builder.buildSelfSigned() : builder.buildIssuedBy(by);
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
