// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.broker.internal.ReadyReport.Outcome;
import io.courtier.spi.transport.Listener;
import io.courtier.spi.transport.Listener.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadyReportTest {
    private static final String URL = "mqtt://127.0.0.1:1883";

    @Test
    void waitsForAListenerThatIsConfiguredButNotThereYet() {
        assertThat(outcomes(false, "tcp-default")).isNull();
    }

    @Test
    void waitsForAListenerThatIsOpening() {
        assertThat(ReadyReport.outcomes(Set.of("tcp-default"), present(State.OPENING, null), false))
                .isNull();
    }

    @Test
    void isReadyWhenEachConfiguredListenerIsOpen() {
        assertThat(ReadyReport.outcomes(Set.of("tcp-default"), present(State.OPEN, null), false))
                .isEqualTo(Map.of("tcp-default", new Outcome(URL, null)));
    }

    @Test
    void isReadyAtOnceWhenNoListenerIsConfigured() {
        assertThat(outcomes(false)).isEmpty();
    }

    @Test
    void passesOnTheSentenceOfAListenerThatFailed() {
        assertThat(ReadyReport.outcomes(Set.of("tcp-default"), present(State.FAILED, "port 1883 is in use"), false))
                .isEqualTo(Map.of("tcp-default", new Outcome(URL, "port 1883 is in use")));
    }

    @Test
    void namesTheListenerThatNeverCame() {
        assertThat(outcomes(true, "ws-default"))
                .containsOnlyKeys("ws-default")
                .allSatisfy((name, outcome) -> assertThat(outcome.problem()).contains("did not start"));
    }

    @Test
    void findsTheListenersInEtc(@TempDir Path etc) throws IOException {
        Files.createFile(etc.resolve("io.courtier.listener.tcp-default.cfg"));
        Files.createFile(etc.resolve("io.courtier.listener.tcp-tls.cfg.example"));
        Files.createFile(etc.resolve("io.courtier.broker.cfg"));
        assertThat(ReadyReport.filesOfListeners(etc)).containsExactly("tcp-default");
    }

    @Test
    void findsNoListenersWithoutEtc(@TempDir Path etc) throws IOException {
        assertThat(ReadyReport.filesOfListeners(etc.resolve("absent"))).isEmpty();
    }

    @Test
    void printsOneLineForEachFactAndNoneForWhatIsUnknown() {
        assertThat(ReadyReport.block(
                        "0.1.0",
                        Map.of("tcp-default", new Outcome(URL, null, "http://127.0.0.1:8084/")),
                        "/c/etc",
                        null,
                        "/c/log",
                        "Ctrl-C"))
                .isEqualToNormalizingNewlines(
                        """
                        Courtier 0.1.0 is ready.
                          tcp-default    mqtt://127.0.0.1:1883
                          page           http://127.0.0.1:8084/
                          settings       /c/etc
                          logs           /c/log
                          stop           Ctrl-C
                        """);
    }

    private static @Nullable Map<String, Outcome> outcomes(boolean late, String... configured) {
        return ReadyReport.outcomes(Set.of(configured), new Listener[0], late);
    }

    private static Listener[] present(State state, @Nullable String problem) {
        return new Listener[] {
            new Listener() {
                @Override
                public String name() {
                    return "tcp-default";
                }

                @Override
                public String url() {
                    return URL;
                }

                @Override
                public State state() {
                    return state;
                }

                @Override
                public @Nullable String problem() {
                    return problem;
                }

                @Override
                public int connections() {
                    return 0;
                }
            }
        };
    }
}
