// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.AuthenticationResult.Abstain;
import io.courtier.spi.auth.AuthenticationResult.Allow;
import io.courtier.spi.auth.AuthenticationResult.Deny;
import io.courtier.spi.auth.Principal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PasswordCheckTest {
    private static final int COST = 4;
    private static final String HASH = PasswordHash.of("swordfish".getBytes(StandardCharsets.UTF_8), COST);
    private static final Allow JOE = new Allow(new Principal("joe", Set.of("admin"), "file"));

    private final List<PasswordHash> hashed = Collections.synchronizedList(new ArrayList<>());
    private final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch entered = new CountDownLatch(1);
    private CountDownLatch mayHash = new CountDownLatch(0);
    private Users users = users("joe:" + HASH + ":admin", "open::");
    private final PasswordCheck check = new PasswordCheck(
            1,
            1,
            new ProvenPasswords<>(10, TimeUnit.HOURS.toNanos(1), System::nanoTime, new byte[32]),
            (hash, password) -> {
                hashed.add(hash);
                threads.add(Thread.currentThread());
                entered.countDown();
                await(mayHash);
                return hash.matches(password);
            });

    @AfterEach
    void close() {
        check.close();
    }

    @Test
    void letsAUserInWithTheRightPassword() {
        assertThat(answer(false, "joe", "swordfish")).isEqualTo(JOE);
    }

    @Test
    void abstainsWhereThereIsNoUserName() {
        assertThat(answer(true, null, null)).isEqualTo(new Abstain());
        assertThat(answer(true, null, "swordfish")).isEqualTo(new Abstain());
    }

    @Test
    void refusesAWrongPasswordAndAnUnknownUserAlike() {
        AuthenticationResult wrong = answer(true, "joe", "marlin");
        AuthenticationResult unknown = answer(true, "ann", "swordfish");
        assertThat(wrong).isEqualTo(unknown);
        assertThat(((Deny) wrong).reason()).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        assertThat(((Deny) wrong).why()).doesNotContain("marlin", "swordfish");
    }

    @Test
    void hashesForAnUnknownUserAsForOneThatIsThere() {
        answer(true, "joe", "marlin");
        answer(true, "ann", "marlin");
        answer(true, "open", "marlin");
        assertThat(hashed).extracting(PasswordHash::cost).containsExactly(COST, COST, COST);
    }

    @Test
    void neverHashesOnTheCallersThread() {
        answer(false, "joe", "swordfish");
        answer(false, "ann", "swordfish");
        assertThat(threads).hasSize(2).doesNotContain(Thread.currentThread());
    }

    @Test
    void refusesCredentialsWhereThereAreNoUsersEvenWhereAnonymousClientsMayComeIn() {
        users = Users.NONE;
        assertThat(answer(true, "joe", "swordfish")).isEqualTo(PasswordCheck.REFUSED);
        assertThat(answer(true, "joe", null)).isEqualTo(PasswordCheck.NO_PASSWORD);
    }

    @Test
    void refusesAUserNameWithoutPassword() {
        assertThat(answer(true, "joe", null)).isEqualTo(PasswordCheck.NO_PASSWORD);
        assertThat(answer(true, "joe", "")).isEqualTo(PasswordCheck.NO_PASSWORD);
        assertThat(answer(true, "ann", null)).isEqualTo(PasswordCheck.NO_PASSWORD);
        assertThat(hashed).isEmpty();
    }

    @Test
    void letsAUserInThatNeedsNoPasswordOnlyWhereAnonymousClientsMayComeIn() {
        assertThat(answer(true, "open", null)).isEqualTo(new Allow(new Principal("open", Set.of(), "file")));
        assertThat(answer(false, "open", null)).isEqualTo(PasswordCheck.NO_PASSWORD);
        assertThat(answer(true, "open", "guess")).isEqualTo(PasswordCheck.REFUSED);
    }

    @Test
    void hashesARightPasswordOnce() {
        for (int i = 0; i < 3; i++)
            assertThat(answer(false, "joe", "swordfish")).isEqualTo(JOE);
        assertThat(hashed).hasSize(1);
    }

    @Test
    void hashesAWrongPasswordEachTime() {
        for (int i = 0; i < 3; i++) assertThat(answer(false, "joe", "marlin")).isEqualTo(PasswordCheck.REFUSED);
        assertThat(hashed).hasSize(3);
    }

    @Test
    void forgetsARightPasswordWhenTheFileHasAnotherHashOrNoSuchUser() {
        answer(false, "joe", "swordfish");
        users = users("joe:" + PasswordHash.of("marlin".getBytes(StandardCharsets.UTF_8), COST));
        assertThat(answer(false, "joe", "swordfish")).isEqualTo(PasswordCheck.REFUSED);
        users = Users.NONE;
        assertThat(answer(false, "joe", "swordfish")).isEqualTo(PasswordCheck.REFUSED);
    }

    @Test
    void givesTheRolesOfTheFileAsItIsNow() {
        answer(false, "joe", "swordfish");
        users = users("joe:" + HASH);
        assertThat(answer(false, "joe", "swordfish")).isEqualTo(new Allow(new Principal("joe", Set.of(), "file")));
    }

    @Test
    void isBusyWhenTooManyWait() {
        mayHash = new CountDownLatch(1);
        CompletableFuture<AuthenticationResult> underWay = ask(Presents.to(false, "joe", "swordfish"));
        await(entered);
        CompletableFuture<AuthenticationResult> waits = ask(Presents.to(false, "joe", "marlin"));
        CompletableFuture<AuthenticationResult> tooMany = ask(Presents.to(false, "joe", "swordfish"));
        assertThat(tooMany).isCompleted();
        assertThat(((Deny) tooMany.join()).reason()).isEqualTo(ReasonCode.SERVER_BUSY);
        assertThat(underWay).isNotDone();
        mayHash.countDown();
        assertThat(underWay.join()).isEqualTo(JOE);
        assertThat(waits.join()).isEqualTo(PasswordCheck.REFUSED);
    }

    @Test
    void answersWhoeverWaitsWhenItCloses() {
        mayHash = new CountDownLatch(1);
        CompletableFuture<AuthenticationResult> underWay = ask(Presents.to(false, "joe", "swordfish"));
        CompletableFuture<AuthenticationResult> waits = ask(Presents.to(false, "joe", "marlin"));
        check.close();
        mayHash.countDown();
        assertThat(underWay.join()).isEqualTo(JOE);
        assertThat(waits.join()).isEqualTo(PasswordCheck.REFUSED);
        assertThat(((Deny) answer(false, "joe", "marlin")).reason()).isEqualTo(ReasonCode.SERVER_BUSY);
    }

    @Test
    void aCheckThatFailsIsARefusal() {
        try (PasswordCheck failing = new PasswordCheck(
                        1, 1, new ProvenPasswords<>(10, 1, System::nanoTime, new byte[32]), (hash, password) -> {
                            throw new IllegalStateException("on purpose");
                        });
                Logged logged = new Logged()) {
            CompletableFuture<AuthenticationResult> answer = new CompletableFuture<>();
            failing.check(users, Presents.to(false, "joe", "swordfish"), answer::complete);
            assertThat(answer.join()).isEqualTo(PasswordCheck.REFUSED);
            assertThat(logged.lines("ERROR")).hasSize(1);
        }
    }

    private AuthenticationResult answer(boolean anonymousAllowed, String user, String password) {
        return ask(Presents.to(anonymousAllowed, user, password)).join();
    }

    private CompletableFuture<AuthenticationResult> ask(AuthenticationRequest request) {
        CompletableFuture<AuthenticationResult> answer = new CompletableFuture<>();
        check.check(
                users, request, result -> assertThat(answer.complete(result)).isTrue());
        return answer;
    }

    private static Users users(String... lines) {
        try {
            return Users.parse(List.of(lines));
        } catch (BrokenLine e) {
            throw new AssertionError(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) throw new AssertionError("nobody came");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
