// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.AuthenticationResult.Abstain;
import io.courtier.spi.auth.AuthenticationResult.Allow;
import io.courtier.spi.auth.AuthenticationResult.Deny;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.security.auth.Subject;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;
import javax.security.auth.login.FailedLoginException;
import javax.security.auth.login.LoginException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RealmTest {
    private record UserPrincipal(String getName) implements Principal {
        @Override
        public String getName() {
            return getName;
        }
    }

    private record RolePrincipal(String getName) implements Principal {
        @Override
        public String getName() {
            return getName;
        }
    }

    private final AtomicInteger logins = new AtomicInteger();
    private Realm realm;

    @AfterEach
    void close() {
        if (realm != null) realm.close();
    }

    @Test
    void letsInWhomTheRealmKnowsWithItsRoles() throws Exception {
        open(1, 10, 5_000, RealmTest::joe);
        AuthenticationResult result = login("joe", "secret");
        assertThat(result).isInstanceOf(Allow.class);
        assertThat(((Allow) result).principal())
                .isEqualTo(new io.courtier.spi.auth.Principal("joe", Set.of("device"), "jaas test"));
    }

    @Test
    void leavesWhomItDoesNotKnowToTheNext() throws Exception {
        open(1, 10, 5_000, RealmTest::joe);
        assertThat(login("joe", "wrong")).isInstanceOf(Abstain.class);
        assertThat(login("ann", "secret")).isInstanceOf(Abstain.class);
        byte[] notText = {(byte) 0xFF};
        BlockingQueue<AuthenticationResult> answers = new LinkedBlockingQueue<>();
        realm.login("joe", notText, answers::add);
        assertThat(answers.poll(5, TimeUnit.SECONDS)).isInstanceOf(Abstain.class);
    }

    @Test
    void remembersThoseThatWereRightAndNoOthers() throws Exception {
        open(1, 10, 5_000, RealmTest::joe);
        login("joe", "secret");
        login("joe", "secret");
        assertThat(logins).hasValue(1);
        login("joe", "wrong");
        login("joe", "wrong");
        assertThat(logins).hasValue(3);
    }

    @Test
    void shutsTheDoorWhenTheRealmCannotAnswer() throws Exception {
        open(1, 10, 5_000, (user, password) -> {
            throw new LoginException("connection refused");
        });
        assertThat(login("joe", "secret"))
                .isEqualTo(new Deny(ReasonCode.SERVER_UNAVAILABLE, "realm test cannot answer: connection refused"));
    }

    @Test
    void shutsTheDoorWhenTheRealmBreaks() throws Exception {
        open(1, 10, 5_000, (user, password) -> {
            throw new IllegalStateException("a mistake");
        });
        assertThat(login("joe", "secret")).isEqualTo(new Deny(ReasonCode.SERVER_UNAVAILABLE, "realm test failed"));
    }

    @Test
    void refusesWhoHasWaitedTooLongAndCallsTheThreadBack() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        open(1, 10, 20, (user, password) -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            throw new LoginException("interrupted");
        });
        assertThat(login("joe", "secret"))
                .isEqualTo(new Deny(ReasonCode.SERVER_UNAVAILABLE, "realm test did not answer within 20 ms"));
        assertThat(interrupted.await(5, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void refusesMoreThanMayWait() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        open(1, 1, 5_000, (user, password) -> {
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new LoginException("interrupted");
            }
            return joe(user, password);
        });
        BlockingQueue<AuthenticationResult> answers = new LinkedBlockingQueue<>();
        for (int i = 0; i < 3; i++) {
            realm.login("joe", ("secret" + i).getBytes(StandardCharsets.UTF_8), answers::add);
        }
        AuthenticationResult first = answers.poll(5, TimeUnit.SECONDS);
        assertThat(((Deny) first).reason()).isEqualTo(ReasonCode.SERVER_BUSY);
        release.countDown();
        assertThat(answers.poll(5, TimeUnit.SECONDS)).isInstanceOf(Abstain.class);
        assertThat(answers.poll(5, TimeUnit.SECONDS)).isInstanceOf(Abstain.class);
    }

    @Test
    void logsInByTheConfigurationOfTheContainer() throws Exception {
        Configuration before = Configuration.getConfiguration();
        Configuration.setConfiguration(new Configuration() {
            @Override
            public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
                return new AppConfigurationEntry[] {
                    new AppConfigurationEntry(
                            TestLoginModule.class.getName(),
                            AppConfigurationEntry.LoginModuleControlFlag.REQUIRED,
                            java.util.Map.of("realm", name))
                };
            }
        });
        try {
            realm = new Realm("plant", 1, 10, 5_000, none());
            assertThat(((Allow) login("joe", "secret")).principal().roles()).containsExactly("device");
            assertThat(login("joe", "wrong")).isInstanceOf(Abstain.class);
        } finally {
            Configuration.setConfiguration(before);
        }
    }

    private void open(int threads, int queueMax, long timeoutMillis, Realm.Login login) {
        realm = new Realm(
                "test",
                threads,
                queueMax,
                timeoutMillis,
                new ProvenPasswords<>(10, TimeUnit.HOURS.toNanos(1), System::nanoTime, new byte[32]),
                (user, password) -> {
                    logins.incrementAndGet();
                    return login.login(user, password);
                });
    }

    private static ProvenPasswords<io.courtier.spi.auth.Principal> none() {
        return new ProvenPasswords<>(0, 1, System::nanoTime, new byte[32]);
    }

    private AuthenticationResult login(String user, String password) throws InterruptedException {
        BlockingQueue<AuthenticationResult> answers = new LinkedBlockingQueue<>();
        realm.login(user, password.getBytes(StandardCharsets.UTF_8), answers::add);
        AuthenticationResult answer = answers.poll(5, TimeUnit.SECONDS);
        assertThat(answer).as("an answer").isNotNull();
        return answer;
    }

    static Subject joe(String user, char[] password) throws LoginException {
        if (!user.equals("joe") || !new String(password).equals("secret")) throw new FailedLoginException();
        Subject subject = new Subject();
        subject.getPrincipals().add(new UserPrincipal(user));
        subject.getPrincipals().add(new RolePrincipal("device"));
        return subject;
    }
}
