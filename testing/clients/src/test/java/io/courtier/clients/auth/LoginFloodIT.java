// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.clients.House;
import io.courtier.clients.web.Instance;
import io.courtier.conformance.Client;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.ReasonCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More passwords at once than can be checked: hashing is slow on purpose, which is a lever for an attacker, too. */
class LoginFloodIT {
    private static final int LOGINS = 600;
    private static final int QUEUE_MAX = 100;
    private static final int CONNECT_SECONDS = 3;

    @TempDir
    Path folder;

    @Test
    void aFloodOfLoginsIsBoundedAndDelaysNobodyWhoNeedsNoPassword() throws Exception {
        try (Instance broker = new Instance(folder)
                .with("io.courtier.auth.password.cfg", "hash.queue.max = " + QUEUE_MAX, "hash.threads = 1")
                .with("io.courtier.broker.cfg", "connect.seconds = " + CONNECT_SECONDS)
                .start()) {
            List<Client> flood = new ArrayList<>();
            for (int i = 0; i < LOGINS; i++) {
                Client login = Bare.tcp(broker, 4 * CONNECT_SECONDS * 1_000);
                flood.add(login);
                login.send(Bare.connect(House.unique("flood"), "user-" + i, "guess"));
            }
            long begunNanos = System.nanoTime();
            Client other = Bare.tcp(broker);
            assertThat(other.connect(Bare.connect(House.unique("other"), null, null))
                            .reason())
                    .isEqualTo(ReasonCode.SUCCESS);
            other.barrier();
            long otherMillis = (System.nanoTime() - begunNanos) / 1_000_000;
            Map<ReasonCode, Integer> answers = new EnumMap<>(ReasonCode.class);
            for (Client login : flood) {
                answers.merge(login.expect(ConnAck.class).reason(), 1, Integer::sum);
                login.wire().close();
            }
            assertThat(answers)
                    .containsOnlyKeys(
                            ReasonCode.BAD_USER_NAME_OR_PASSWORD,
                            ReasonCode.SERVER_BUSY,
                            ReasonCode.SERVER_UNAVAILABLE);
            assertThat(answers.get(ReasonCode.SERVER_BUSY)).isGreaterThan(LOGINS / 3);
            assertThat(otherMillis).isLessThan(CONNECT_SECONDS * 1_000L);
            AttackList.WHO_COMES_IN.saw(
                    "%d logins at once, to keep the processors hashing".formatted(LOGINS),
                    "%d wait, the others are told 0x89 at once; all in all %s; a client without a password comes in after %d ms",
                    QUEUE_MAX,
                    answers,
                    otherMillis);
        }
    }
}
