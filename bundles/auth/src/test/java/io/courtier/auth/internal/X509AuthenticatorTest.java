// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.lang.annotation.Annotation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class X509AuthenticatorTest {
    private static final Instant ISSUED = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final Instant ENDS = Instant.parse("2027-01-01T00:00:00Z");

    private static final X509Bundle ROOT = selfSigned("CN=Root");
    private static final X509Bundle PLANT = authority("O=Plant,CN=Plant A", ROOT);
    private static final X509Certificate PUMP = client("CN=pump-7");

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
                            "etc/io.courtier.auth.x509.cfg allows none of its common names: 'pump-7', 'Plant A'"));
        } else {
            assertThat(answer).isEqualTo(new Allow(new Principal(comesInAs, Set.of(), "x509")));
        }
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
                        ReasonCode.NOT_AUTHORIZED, "its certificate has no common name, or none that can be used"));
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
        return answers.get(0);
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

    private static CertificateBuilder base(String subject) {
        return new CertificateBuilder()
                .ecp256()
                .subject(subject)
                .notBefore(ISSUED)
                .notAfter(ENDS);
    }

    private static X509Authenticator.Config config(String names, String regex) {
        return new X509Authenticator.Config() {
            @Override
            public String common_names() {
                return names;
            }

            @Override
            public String common_names_regex() {
                return regex;
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return X509Authenticator.Config.class;
            }
        };
    }
}
