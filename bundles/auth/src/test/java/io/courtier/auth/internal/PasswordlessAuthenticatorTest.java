// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.AuthenticationResult.Abstain;
import io.courtier.spi.auth.AuthenticationResult.Allow;
import io.courtier.spi.auth.Principal;
import io.courtier.spi.transport.ConnectionInfo;
import java.io.IOException;
import java.io.Reader;
import java.lang.annotation.Annotation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordlessAuthenticatorTest {
    private static final AuthenticationResult AS_JOE = new Allow(new Principal("joe", Set.of(), "passwordless"));

    private final PasswordlessAuthenticator component = openForJoeAndAnn();

    @ParameterizedTest
    @CsvSource({
        // user, password, transport, remote address, comes in
        "joe, , ws,  127.0.0.1,        true",
        "joe, , wss, 127.0.0.1,        true",
        "joe, , ws,  127.8.9.10,       true",
        "joe, , ws,  0:0:0:0:0:0:0:1,  true",
        "joe, , ws,  ::1,              true",
        "joe, , ws,  ::ffff:127.0.0.1, true",
        "joe, , tcp, 127.0.0.1,        false",
        "joe, , tls, 127.0.0.1,        false",
        "joe, , ws,  192.0.2.7,        false",
        "joe, , ws,  128.0.0.1,        false",
        "joe, , ws,  2001:db8::1,      false",
        "joe, , ws,  0:0:0:0:0:0:0:11, false",
        "joe, , ws,  127.0.0.1.example, false",
        "joe, , ws,  localhost,        false",
        "joe, secret, ws, 127.0.0.1,   false",
        "joe, '', ws, 127.0.0.1,       false",
        "Joe, , ws,  127.0.0.1,        false",
        "'',  , ws,  127.0.0.1,        false",
        "'joe, ann', , ws, 127.0.0.1,  false",
        ",    , ws,  127.0.0.1,        false",
        ", secret, ws, 127.0.0.1,      false",
    })
    void letsInByTheNameAloneAndAbstainsOtherwise(
            String user, String password, String transport, String remote, boolean comesIn) {
        assertThat(answer(component, user, password, transport, remote)).isEqualTo(comesIn ? AS_JOE : new Abstain());
    }

    @Test
    void letsInWhateverTheListenerSaysOfAnonymousClients() {
        for (boolean anonymousAllowed : new boolean[] {false, true}) {
            ConnectionInfo connection = new ConnectionInfo("ws-default", "ws", "::1", 4711, anonymousAllowed, null);
            assertThat(answer(component, connection, "joe", null)).isEqualTo(AS_JOE);
        }
    }

    @Test
    void letsInFromAnywhereWhereThatIsSaid() {
        PasswordlessAuthenticator wide = of("joe", "tcp", "any");
        assertThat(answer(wide, "joe", null, "tcp", "192.0.2.7")).isEqualTo(AS_JOE);
        assertThat(answer(wide, "joe", null, "ws", "192.0.2.7")).isEqualTo(new Abstain());
    }

    @Test
    void isClosedAsSoonAsTheLineWithItsUsersIsGone() {
        try (Logged logged = new Logged()) {
            component.modified(config("", "ws,wss", "loopback"), Map.of());
            assertThat(logged.lines("INFO"))
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("nobody comes in by a user name alone");
        }
        assertThat(answer(component, "joe", null, "ws", "::1")).isEqualTo(new Abstain());
        component.modified(config("joe", "ws", "loopback"), Map.of());
        assertThat(answer(component, "joe", null, "ws", "::1")).isEqualTo(AS_JOE);
    }

    @Test
    void saysForWhomTheDoorIsOpenAndHowToCloseIt() {
        try (Logged logged = new Logged()) {
            of(" tbmq_websockets_username", "ws,wss", "loopback");
            assertThat(logged.lines("WARN"))
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("without a password as tbmq_websockets_username over ws, wss from this machine")
                    .contains("remove the line \"users = tbmq_websockets_username\" of etc/"
                            + "io.courtier.auth.passwordless.cfg");
        }
    }

    @ParameterizedTest
    @CsvSource({"'', ws", "' , ', ws", "joe, ''"})
    void isClosedAndQuietWithoutUsersOrTransports(String users, String transports) {
        try (Logged logged = new Logged()) {
            PasswordlessAuthenticator closed = of(users, transports, "any");
            assertThat(answer(closed, "joe", null, "ws", "::1")).isEqualTo(new Abstain());
            assertThat(answer(closed, "", null, "ws", "::1")).isEqualTo(new Abstain());
            assertThat(logged.lines("WARN")).isEmpty();
        }
    }

    @Test
    void refusesATransportThatIsNone() {
        assertThatThrownBy(() -> of("joe", "ws,web", "loopback"))
                .hasMessage("transports=web is not tcp, tls, ws or wss: correct it in"
                        + " etc/io.courtier.auth.passwordless.cfg");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "everywhere", "10.0.0.0/8"})
    void refusesAnOriginThatIsNone(String from) {
        assertThatThrownBy(() -> of("joe", "ws", from))
                .hasMessage("from=" + from + " is not loopback or any: correct it in"
                        + " etc/io.courtier.auth.passwordless.cfg");
    }

    @Test
    void isClosedWhileItsFileCannotBeUnderstood() {
        assertThatThrownBy(() -> component.modified(config("joe", "web", "loopback"), Map.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(answer(component, "joe", null, "ws", "::1")).isEqualTo(new Abstain());
    }

    @Test
    void reportsKeysThatNobodyKnows() {
        try (Logged logged = new Logged()) {
            component.modified(config("", "ws", "any"), Map.of("users", "", "user", "joe"));
            assertThat(logged.lines("WARN"))
                    .singleElement()
                    .asString()
                    .endsWith("unknown keys in etc/io.courtier.auth.passwordless.cfg: user");
        }
    }

    @Test
    void isShippedForOneUserOverWebSocketOnThisMachine() throws IOException {
        Properties file = new Properties();
        try (Reader in = Files.newBufferedReader(Path.of("src/main/cfg/io.courtier.auth.passwordless.cfg"))) {
            file.load(in);
        }
        assertThat(file)
                .isEqualTo(Map.of("users", "tbmq_websockets_username", "transports", "ws,wss", "from", "loopback"));
    }

    private static PasswordlessAuthenticator openForJoeAndAnn() {
        try (Logged quiet = new Logged()) {
            return of("joe, ann", "ws,wss", "loopback");
        }
    }

    private static PasswordlessAuthenticator of(String users, String transports, String from) {
        return new PasswordlessAuthenticator(config(users, transports, from), Map.of());
    }

    private static AuthenticationResult answer(
            PasswordlessAuthenticator component, String user, String password, String transport, String remote) {
        return answer(
                component, new ConnectionInfo("ws-default", transport, remote, 4711, false, null), user, password);
    }

    private static AuthenticationResult answer(
            PasswordlessAuthenticator component, ConnectionInfo connection, String user, String password) {
        List<AuthenticationResult> answers = new ArrayList<>();
        component.authenticate(Presents.on(connection, user, password), answers::add);
        assertThat(answers).hasSize(1);
        return answers.get(0);
    }

    private static PasswordlessAuthenticator.Config config(String users, String transports, String from) {
        return new PasswordlessAuthenticator.Config() {
            @Override
            public String users() {
                return users;
            }

            @Override
            public String transports() {
                return transports;
            }

            @Override
            public String from() {
                return from;
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return PasswordlessAuthenticator.Config.class;
            }
        };
    }
}
