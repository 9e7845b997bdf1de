// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.core.Users.User;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The one table that shards share to count users: from several threads, and when users come back. */
class UsersTest {
    private static final FairUse FAIR = FairUse.DEFAULT;

    private final Users users = new Users();

    private User join(String name, int max) {
        User user = users.join(name, max);
        if (user == null) throw new AssertionError("no place");
        return user;
    }

    @Test
    void shardsTogetherGiveNoMorePlacesThanThereAreAndForgetAllInTheEnd() throws InterruptedException {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Thread> shards = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread shard = new Thread(() -> {
                for (int j = 0; j < 20_000; j++) {
                    User user = users.join("al", 3);
                    if (user == null) continue;
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    inside.decrementAndGet();
                    users.leave(user, 0);
                }
            });
            shards.add(shard);
            shard.start();
        }
        for (Thread shard : shards) shard.join();
        assertThat(most.get()).isBetween(1, 3);
        assertThat(users.size()).isZero();
    }

    @Test
    void oneThatComesBackBeforeItIsForgottenHasWhatItHadLeft() {
        User user = join("al", 1);
        Allowance left = users.allowance(user, FAIR, 0);
        assertThat(left).isNotNull();
        left.messages.take(1_000, 1, 0);
        assertThat(users.leave(user, 0)).as("to be looked at again then").isEqualTo(1_000);
        User again = join("al", 1);
        assertThat(users.allowance(again, FAIR, 500)).isSameAs(left);
        assertThat(users.forget(again, 1_000))
                .as("it is there: looked at when it goes")
                .isZero();
        assertThat(users.size()).isEqualTo(1);
        assertThat(users.leave(again, 1_000)).isZero();
        assertThat(users.size()).isZero();
    }

    @Test
    void oneThatHasMoreToAnswerForIsLookedAtOnceMore() {
        User user = join("al", 1);
        Allowance left = users.allowance(user, FAIR, 0);
        assertThat(left).isNotNull();
        left.connects.take(1_000, 1, 0);
        assertThat(users.leave(user, 0)).isEqualTo(1_000);
        User again = join("al", 1);
        left.connects.take(1_000, 1, 500);
        assertThat(users.leave(again, 600)).as("somebody looks already").isZero();
        assertThat(users.forget(user, 1_000)).isEqualTo(1_000);
        assertThat(users.forget(user, 2_000)).isZero();
        assertThat(users.size()).isZero();
    }
}
