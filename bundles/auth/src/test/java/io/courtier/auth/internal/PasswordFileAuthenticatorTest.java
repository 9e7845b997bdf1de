// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.spi.auth.AuthenticationResult;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class PasswordFileAuthenticatorTest {
    @TempDir
    Path directory;

    @Test
    void checksByTheFileThatIsConfigured() throws IOException {
        String line = "joe:" + PasswordHash.of("swordfish".getBytes(StandardCharsets.UTF_8), 4);
        Path one = Files.writeString(directory.resolve("one"), line);
        PasswordFileAuthenticator component = new PasswordFileAuthenticator(config(one, 256), Map.of());
        assertThat(answer(component, "joe")).isInstanceOf(AuthenticationResult.Allow.class);
        component.modified(config(directory.resolve("none"), 256), Map.of());
        assertThat(answer(component, "joe")).isEqualTo(PasswordCheck.REFUSED);
        assertThat(answer(component, null)).isEqualTo(new AuthenticationResult.Abstain());
        component.deactivate();
    }

    @Test
    void refusesALimitThatCannotBeMeant() {
        assertThatThrownBy(() -> new PasswordFileAuthenticator(config(directory.resolve("none"), 0), Map.of()))
                .hasMessageContaining("hash.queue.max=0 is not between 1 and 100000")
                .hasMessageContaining("etc/io.courtier.auth.password.cfg");
    }

    private static AuthenticationResult answer(PasswordFileAuthenticator component, String user) {
        CompletableFuture<AuthenticationResult> answer = new CompletableFuture<>();
        component.authenticate(Presents.to(true, user, "swordfish"), answer::complete);
        return answer.join();
    }

    private static PasswordFileAuthenticator.Config config(Path file, int queueMax) {
        return new PasswordFileAuthenticator.Config() {
            @Override
            public String file() {
                return file.toString();
            }

            @Override
            public int hash_threads() {
                return 0;
            }

            @Override
            public int hash_queue_max() {
                return queueMax;
            }

            @Override
            public int cache_max() {
                return 10;
            }

            @Override
            public int cache_seconds() {
                return 10;
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return PasswordFileAuthenticator.Config.class;
            }
        };
    }
}
