// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.AuthenticationResult.Abstain;
import io.courtier.spi.auth.AuthenticationResult.Allow;
import io.courtier.spi.auth.AuthenticationResult.Deny;
import io.courtier.spi.auth.Principal;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.TlsInfo;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.Reader;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class X509AuthenticatorTest {
    private static final Instant ISSUED = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final Instant ENDS = Instant.parse("2027-01-01T00:00:00Z");

    private static final X509Bundle ROOT = selfSigned("CN=Root");
    private static final X509Bundle PLANT = authority("CN=Plant A,O=Plant", ROOT);
    private static final X509Certificate PUMP = client("CN=pump-7");
    private static final X509Certificate RICH = rich();

    /** Of the last who came in. */
    private static Map<String, String> attributes;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // common.names | common.names.regex | who comes in, as whom
                "pump-7               |             | pump-7",
                "' pump-6 , pump-7, ' |             | pump-7",
                "                     | pump-[0-9]  | pump-7",
                "                     | .*ump.*     | pump-7",
                "pump-8               | pump-7      | pump-7",
                "pump-7               | tank-.*     | pump-7",
                "Plant A              |             | Plant A",
                "                     | Plant .     | Plant A",
                "'pump-7, Plant A'    |             | pump-7",
                "pump                 |             |",
                "Pump-7               |             |",
                "pump-70              |             |",
                "                     | ump         |",
                "                     | pump-       |",
                "                     | tank-.*     |",
            })
    void comparesTheCommonNamesOfTheClientAndOfThoseWhoVouchForIt(String names, String regex, String comesInAs) {
        AuthenticationResult answer = answer(of(names, regex), PUMP, PLANT.getCertificate());
        if (comesInAs == null) {
            assertThat(answer)
                    .isEqualTo(new Deny(
                            ReasonCode.NOT_AUTHORIZED,
                            "etc/io.courtier.auth.x509.cfg allows none of its names: 'pump-7', 'Plant A'"));
        } else {
            assertThat(answer).isEqualTo(new Allow(new Principal(comesInAs, Set.of(), "x509")));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // what the file says | who comes in
                "alternative.names       | DNS:pump-7.example.org                  | DNS:pump-7.example.org",
                "alternative.names       | dns:PUMP-7.Example.org                  | DNS:pump-7.example.org",
                "alternative.names       | 'URI:urn:x, URI:urn:dev:7'              | URI:urn:dev:7",
                "alternative.names       | EMAIL:pump@example.org                  | EMAIL:pump@example.org",
                "alternative.names       | EMAIL:PUMP@example.org                  |",
                "alternative.names       | IP:192.0.2.7                            | IP:192.0.2.7",
                "alternative.names       | IP:2001:db8::7                          | IP:2001:db8:0:0:0:0:0:7",
                "alternative.names       | DNS:example.org                         |",
                "alternative.names       | URI:pump-7.example.org                  |",
                "alternative.names.regex | DNS:pump-[0-9]+[.]example[.]org         | DNS:pump-7.example.org",
                "alternative.names.regex | pump-[0-9]+[.]example[.]org             |",
                "subject.names           | 'CN=pump-7, OU=Hall 2, O=Plant'         | 'CN=pump-7,OU=Hall 2,O=Plant'",
                "subject.names           | 'CN=x; CN=pump-7,OU=Hall 2,O=Plant'     | 'CN=pump-7,OU=Hall 2,O=Plant'",
                "subject.names           | 'CN=pump-7,O=Plant'                     |",
                "subject.names           | 'CN=Plant A,O=Plant'                    | 'CN=Plant A,O=Plant'",
                "subject.names.regex     | '.*,OU=Hall [0-9],O=Plant'              | 'CN=pump-7,OU=Hall 2,O=Plant'",
                "subject.names.regex     | CN=pump-7                               |",
                "common.names            | pump-7.example.org                      |",
            })
    void comparesOtherNamesWhereTheFileSaysSo(String key, String value, String comesInAs) {
        AuthenticationResult answer = answer(from(key, value), RICH, PLANT.getCertificate());
        if (comesInAs == null) assertThat(answer).isInstanceOf(Deny.class);
        else assertThat(answer).isEqualTo(new Allow(new Principal(comesInAs, Set.of(), "x509")));
    }

    private static X509Authenticator from(String... entries) {
        return new X509Authenticator(config(entries), Map.of(), Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @Test
    void knowsCertificatesByTheirFingerprints() throws Exception {
        String pump =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(PUMP.getEncoded()));
        String withColons = HexFormat.ofDelimiter(":")
                .withUpperCase()
                .formatHex(HexFormat.of().parseHex(pump));
        assertThat(answer(from("fingerprints", pump), PUMP)).isEqualTo(allow(pump));
        assertThat(answer(from("fingerprints", withColons), PUMP)).isEqualTo(allow(pump));
        assertThat(answer(from("fingerprints", pump), RICH)).isInstanceOf(Deny.class);
    }

    @Test
    void looksAtTheClientsOwnCertificateAloneWhereToldTo() {
        X509Authenticator leaf = from("common.names", "pump-7, Plant A", "match.chain", "leaf");
        assertThat(answer(leaf, PUMP, PLANT.getCertificate())).isEqualTo(allow("pump-7"));
        X509Authenticator plant = from("common.names", "Plant A", "match.chain", "leaf");
        assertThat(answer(plant, PUMP, PLANT.getCertificate())).isInstanceOf(Deny.class);
    }

    @Test
    void callsTheClientByANameOfItsOwnCertificateWhereToldTo() {
        assertThat(answer(from("common.names", "Plant A", "user.name", "cn"), RICH, PLANT.getCertificate()))
                .isEqualTo(allow("pump-7"));
        assertThat(answer(from("common.names", "Plant A", "user.name", "san"), RICH, PLANT.getCertificate()))
                .isEqualTo(allow("DNS:pump-7.example.org"));
        assertThat(answer(from("common.names", "Plant A", "user.name", "dn"), RICH, PLANT.getCertificate()))
                .isEqualTo(allow("CN=pump-7,OU=Hall 2,O=Plant"));
        assertThat(answer(from("common.names", "Plant A", "user.name", "san"), PUMP, PLANT.getCertificate()))
                .isEqualTo(new Deny(ReasonCode.NOT_AUTHORIZED, "its certificate has no name for user.name=san"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "subject.names           | pump-7    | subject.names has pump-7, which is no distinguished name",
                "alternative.names       | pump-7    | alternative.names has pump-7, which does not begin with one of",
                "alternative.names       | IP:localhost | alternative.names has IP:localhost, which is no IP address",
                "alternative.names.regex | (         | alternative.names.regex=( is no regular expression",
                "fingerprints            | 12:34     | fingerprints has 12:34, which is no SHA-256",
                "match.chain             | root      | match.chain=root is neither any nor leaf",
                "user.name               | uid       | user.name=uid is none of cn, dn, san and fingerprint",
            })
    void letsNobodyInWhileSomethingCannotBeUnderstood(String key, String value, String said) {
        try (Logged logged = new Logged()) {
            X509Authenticator component = from("common.names", "pump-7", key, value);
            assertThat(logged.lines("ERROR")).singleElement().asString().contains(said);
            assertThat(answer(component, PUMP)).isInstanceOf(Deny.class);
        }
    }

    @Test
    void givesUsersAndRolesByAFileThatItFollows(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("courtier-x509-names");
        Files.writeString(
                file,
                """
                # name = user:roles
                pump-7 = seven : pumps, hall-2
                CN=pump-7,OU=Hall 2,O=Plant = richard
                Plant A = :plant
                """);
        X509Authenticator byName = from("common.names.regex", ".*", "aliases", file.toString());
        X509Authenticator bySubject = from("subject.names.regex", ".*", "aliases", file.toString());
        X509Authenticator byPlant = from("common.names", "Plant A", "user.name", "cn", "aliases", file.toString());
        X509Authenticator missing = from(
                "common.names.regex", ".*", "aliases", folder.resolve("none").toString());
        try {
            assertThat(answer(byName, PUMP))
                    .isEqualTo(new Allow(new Principal("seven", Set.of("pumps", "hall-2"), "x509")));
            assertThat(answer(byName, client("CN=pump-8"))).isEqualTo(allow("pump-8"));
            assertThat(answer(bySubject, RICH)).isEqualTo(allow("richard"));
            assertThat(answer(byPlant, PUMP, PLANT.getCertificate()))
                    .isEqualTo(new Allow(new Principal("pump-7", Set.of("plant"), "x509")));
            assertThat(answer(missing, PUMP)).isInstanceOf(Deny.class);
        } finally {
            for (X509Authenticator each : List.of(byName, bySubject, byPlant, missing)) each.deactivate();
        }
    }

    @Test
    void keepsTheAliasesFromBeforeWhenALineIsBrokenAndLetsNobodyInWithoutTheFile(@TempDir Path folder)
            throws Exception {
        Path file = folder.resolve("names");
        Files.writeString(file, "pump-7 = seven\n");
        try (Logged logged = new Logged();
                CertificateAliases aliases = new CertificateAliases(file)) {
            aliases.look();
            assertThat(aliases.find("pump-7")).isEqualTo(new CertificateAliases.Alias("seven", Set.of()));
            Files.writeString(file, "pump-7\n# longer now\n");
            aliases.look();
            aliases.look();
            assertThat(logged.lines("ERROR")).singleElement().asString().contains("line 1: it is not name = user");
            assertThat(aliases.find("pump-7").user()).isEqualTo("seven");
            Files.delete(file);
            aliases.look();
            aliases.look();
            assertThat(aliases.find("pump-7")).isNull();
        }
    }

    @Test
    void tellsWhatTheClientsOwnCertificateSays() {
        answer(from("common.names", "Plant A"), RICH, PLANT.getCertificate());
        assertThat(attributes)
                .containsOnly(
                        entry("cn", "pump-7"),
                        entry("ou", "Hall 2"),
                        entry("o", "Plant"),
                        entry("issuer.cn", "Plant A"),
                        entry(
                                "serial",
                                HexFormat.of()
                                        .withUpperCase()
                                        .formatHex(RICH.getSerialNumber().toByteArray())
                                        .replaceFirst("^00", "")),
                        entry("san.dns", "pump-7.example.org"),
                        entry("san.uri", "urn:dev:7"),
                        entry("san.email", "pump@example.org"),
                        entry("san.ip", "192.0.2.7"));
        answer(from("common.names", "pump-7"), PUMP);
        assertThat(attributes).containsOnlyKeys("cn", "issuer.cn", "serial");
    }

    @Test
    void tellsTheMostSpecificOfSeveralNamesAndLeavesOutWhatIsTooLong() {
        X509Certificate long1 = client("CN=pump-7,OU=Hall 2,OU=East,O=" + "x".repeat(257) + ",C=DE");
        answer(from("common.names", "pump-7"), long1);
        assertThat(attributes).contains(entry("ou", "Hall 2"), entry("c", "DE")).doesNotContainKey("o");
    }

    private static Allow allow(String user) {
        return new Allow(new Principal(user, Set.of(), "x509"));
    }

    @Test
    void refusesACertificateWithAnotherNameEvenWhereAnonymousClientsComeIn() {
        ConnectionInfo open = new ConnectionInfo("tcp-tls", "tls", "192.0.2.7", 4711, true, tls(List.of(PUMP)));
        assertThat(answer(of("pump-8", ""), open, null, null)).isInstanceOf(Deny.class);
    }

    @Test
    void leavesCredentialsToOthers() {
        X509Authenticator component = of("pump-7", "");
        ConnectionInfo connection = over(tls(List.of(PUMP)));
        assertThat(answer(component, connection, "joe", "secret")).isEqualTo(new Abstain());
        assertThat(answer(component, connection, "joe", null)).isEqualTo(new Abstain());
        assertThat(answer(component, connection, "", null)).isEqualTo(new Abstain());
        assertThat(answer(component, connection, null, "token")).isEqualTo(new Abstain());
    }

    @Test
    void leavesThoseWithoutACertificateToOthers() {
        X509Authenticator component = of("pump-7", ".*");
        assertThat(answer(component, over(null), null, null)).isEqualTo(new Abstain());
        assertThat(answer(component, over(tls(List.of())), null, null)).isEqualTo(new Abstain());
    }

    @ParameterizedTest
    @CsvSource({"'', ''", "' , ', ' '"})
    void abstainsAlwaysWhereNoNameIsConfigured(String names, String regex) {
        assertThat(answer(of(names, regex), PUMP)).isEqualTo(new Abstain());
    }

    @Test
    void refusesACertificateThatIsOverOrNotYetValid() {
        assertThat(answer(at(ENDS.plusSeconds(1)), PUMP))
                .isEqualTo(new Deny(ReasonCode.NOT_AUTHORIZED, "its certificate was valid until 2027-01-01T00:00:00Z"));
        assertThat(answer(at(ISSUED.minusSeconds(1)), PUMP))
                .isEqualTo(new Deny(
                        ReasonCode.NOT_AUTHORIZED, "its certificate is not valid before 2026-01-01T00:00:00Z"));
        assertThat(answer(at(ENDS), PUMP)).isInstanceOf(Allow.class);
    }

    @Test
    void refusesACertificateWithoutACommonName() {
        X509Certificate nameless = selfSigned("O=pump-7").getCertificate();
        assertThat(answer(of("pump-7", ".*"), nameless))
                .isEqualTo(new Deny(
                        ReasonCode.NOT_AUTHORIZED,
                        "its certificate has nothing for common.names, or nothing that can be used"));
    }

    @Test
    void refusesEveryCertificateWhileTheRegularExpressionIsNone() {
        try (Logged logged = new Logged()) {
            X509Authenticator component = of("pump-7", "pump-(");
            assertThat(logged.lines("ERROR"))
                    .singleElement()
                    .asString()
                    .contains("common.names.regex=pump-( is no regular expression (Unclosed group)")
                    .contains("corrected in etc/io.courtier.auth.x509.cfg");
            assertThat(answer(component, PUMP)).isInstanceOf(Deny.class);
            assertThat(answer(component, over(null), null, null)).isEqualTo(new Abstain());
            component.modified(config("", "pump-.*"), Map.of());
            assertThat(answer(component, PUMP)).isInstanceOf(Allow.class);
        }
    }

    @Test
    void refusesANameWithWhichTheRegularExpressionDoesNotComeToAnEnd() {
        X509Certificate long64 = client("CN=" + "a".repeat(63) + "!");
        assertThat(answer(of("", ".*.*.*.*.*b"), long64))
                .isInstanceOfSatisfying(Deny.class, deny -> assertThat(deny.why())
                        .startsWith("common.names.regex does not come to an end with 'aaa"));
    }

    @Test
    void reportsKeysThatNobodyKnows() {
        try (Logged logged = new Logged()) {
            of("pump-7", "").modified(config("", ""), Map.of("common.names", "", "common.name", "pump-7"));
            assertThat(logged.lines("WARN"))
                    .singleElement()
                    .asString()
                    .endsWith("unknown keys in etc/io.courtier.auth.x509.cfg: common.name");
        }
    }

    @Test
    void isShippedWithoutAnyName() throws IOException {
        Properties file = new Properties();
        try (Reader in = Files.newBufferedReader(Path.of("src/main/cfg/io.courtier.auth.x509.cfg"))) {
            file.load(in);
        }
        assertThat(file).isEmpty();
    }

    private static X509Authenticator of(String names, String regex) {
        Clock now = Clock.fixed(NOW, ZoneOffset.UTC);
        return new X509Authenticator(config(names == null ? "" : names, regex == null ? "" : regex), Map.of(), now);
    }

    private static X509Authenticator at(Instant now) {
        return new X509Authenticator(config("pump-7", ""), Map.of(), Clock.fixed(now, ZoneOffset.UTC));
    }

    private static AuthenticationResult answer(X509Authenticator component, X509Certificate... chain) {
        return answer(component, over(tls(List.of(chain))), null, null);
    }

    private static AuthenticationResult answer(
            X509Authenticator component, ConnectionInfo connection, String user, String password) {
        List<AuthenticationResult> answers = new ArrayList<>();
        component.authenticate(Presents.on(connection, user, password), answers::add);
        assertThat(answers).hasSize(1);
        if (!(answers.get(0) instanceof Allow allow)) return answers.get(0);
        attributes = allow.principal().attributes();
        return new Allow(new Principal(
                allow.principal().userName(),
                allow.principal().roles(),
                allow.principal().authenticator()));
    }

    private static ConnectionInfo over(TlsInfo tls) {
        return new ConnectionInfo("tcp-tls", tls == null ? "tcp" : "tls", "192.0.2.7", 4711, false, tls);
    }

    private static TlsInfo tls(List<X509Certificate> chain) {
        return new TlsInfo("TLSv1.3", "TLS_AES_128_GCM_SHA256", null, chain);
    }

    private static X509Bundle selfSigned(String subject) {
        try {
            return base(subject).setIsCertificateAuthority(true).buildSelfSigned();
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static X509Bundle authority(String subject, X509Bundle issuer) {
        try {
            return base(subject).setIsCertificateAuthority(true).buildIssuedBy(issuer);
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static X509Certificate client(String subject) {
        try {
            return base(subject).buildIssuedBy(PLANT).getCertificate();
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static X509Certificate rich() {
        try {
            return base("CN=pump-7,OU=Hall 2,O=Plant")
                    .addSanDnsName("Pump-7.example.org")
                    .addSanUriName("urn:dev:7")
                    .addSanRfc822Name("pump@example.org")
                    .addSanIpAddress("192.0.2.7")
                    .addSanIpAddress("2001:db8::7")
                    .buildIssuedBy(PLANT)
                    .getCertificate();
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static CertificateBuilder base(String subject) {
        return new CertificateBuilder()
                .ecp256()
                .subject(subject)
                .notBefore(ISSUED)
                .notAfter(ENDS);
    }

    private static X509Authenticator.Config config(String names, String regex) {
        return config("common.names", names, "common.names.regex", regex);
    }

    /** As a file says it: keys and values in turn. */
    private static X509Authenticator.Config config(String... entries) {
        Map<String, String> said = new HashMap<>();
        for (int i = 0; i < entries.length; i += 2) said.put(entries[i], entries[i + 1]);
        return (X509Authenticator.Config) Proxy.newProxyInstance(
                X509AuthenticatorTest.class.getClassLoader(),
                new Class<?>[] {X509Authenticator.Config.class},
                (proxy, method, none) ->
                        said.getOrDefault(method.getName().replace('_', '.'), (String) method.getDefaultValue()));
    }
}
