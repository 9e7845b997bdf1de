// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Principal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import javax.security.auth.Subject;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AccountException;
import javax.security.auth.login.CredentialException;
import javax.security.auth.login.FailedLoginException;
import javax.security.auth.login.LoginContext;
import javax.security.auth.login.LoginException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JAAS realm. A login may wait for a directory on another machine: it runs on one of a few threads, before which a
 * bounded queue waits, and has a time after which its client is refused. A login that was right is remembered for a while.
 */
final class Realm implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Realm.class);
    private static final long IDLE_SECONDS = 30;

    /** A login in the realm: what the container's configuration makes of it, and in tests something else. */
    interface Login {
        Subject login(String user, char[] password) throws LoginException;
    }

    private final String name;
    private final byte[] against;
    private final long timeoutMillis;
    private final ProvenPasswords<Principal> proven;
    private final ThreadPoolExecutor threads;
    private final ScheduledThreadPoolExecutor timer;
    private final Login login;

    Realm(String name, int threads, int queueMax, long timeoutMillis, ProvenPasswords<Principal> proven) {
        this(name, threads, queueMax, timeoutMillis, proven, (user, password) -> {
            LoginContext context = new LoginContext(name, callbacks -> answer(callbacks, user, password));
            context.login();
            return context.getSubject();
        });
    }

    Realm(String name, int threads, int queueMax, long timeoutMillis, ProvenPasswords<Principal> proven, Login login) {
        this.name = name;
        this.against = name.getBytes(StandardCharsets.UTF_8);
        this.timeoutMillis = timeoutMillis;
        this.proven = proven;
        this.login = login;
        this.threads = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queueMax), this::thread);
        this.threads.allowCoreThreadTimeOut(true);
        timer = new ScheduledThreadPoolExecutor(1, this::thread);
    }

    private Thread thread(Runnable task) {
        Thread thread = new Thread(task, "courtier-realm-" + name);
        thread.setDaemon(true);
        return thread;
    }

    /** Any thread; answers on any. */
    void login(String user, byte[] password, Consumer<AuthenticationResult> answer) {
        ByteBuffer digest = proven.digest(user, against, password);
        Principal known = proven.get(digest);
        if (known != null) {
            answer.accept(new AuthenticationResult.Allow(known));
            return;
        }
        AtomicBoolean answered = new AtomicBoolean();
        Runnable attempt = () -> {
            AuthenticationResult result = attempt(user, password);
            if (result instanceof AuthenticationResult.Allow allow) proven.add(digest, allow.principal());
            if (answered.compareAndSet(false, true)) answer.accept(result);
        };
        try {
            Future<?> running = threads.submit(attempt);
            // In the queue or at work: who waits is told in time either way, and the thread is asked to come back.
            var unused = timer.schedule(
                    () -> {
                        if (!answered.compareAndSet(false, true)) return;
                        running.cancel(true);
                        answer.accept(unavailable("realm " + name + " did not answer within " + timeoutMillis + " ms"));
                    },
                    timeoutMillis,
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException full) {
            if (answered.compareAndSet(false, true)) {
                answer.accept(new AuthenticationResult.Deny(
                        ReasonCode.SERVER_BUSY, "too many logins wait for realm " + name + ": see queue.max"));
            }
        }
    }

    private AuthenticationResult attempt(String user, byte[] password) {
        char[] characters;
        try {
            characters = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(password))
                    .toString()
                    .toCharArray();
        } catch (CharacterCodingException notText) {
            return new AuthenticationResult.Abstain();
        }
        try {
            return new AuthenticationResult.Allow(principal(user, login.login(user, characters)));
        } catch (FailedLoginException | AccountException | CredentialException wrong) {
            // Not there, or with another password: realms do not tell, and perhaps the next one knows.
            return new AuthenticationResult.Abstain();
        } catch (LoginException broken) {
            LOG.warn("realm {} cannot answer: {}", name, String.valueOf(broken.getMessage()));
            return unavailable("realm " + name + " cannot answer: " + broken.getMessage());
        } catch (RuntimeException | LinkageError bug) {
            LOG.error("realm {} failed", name, bug);
            return unavailable("realm " + name + " failed");
        } finally {
            Arrays.fill(characters, ' ');
        }
    }

    /** Roles by the names of principals' classes, as Karaf and others have them: RolePrincipal, GroupPrincipal. */
    private Principal principal(String user, Subject subject) {
        Set<String> roles = new TreeSet<>();
        for (java.security.Principal each : subject.getPrincipals()) {
            String kind = each.getClass().getSimpleName();
            if (kind.endsWith("RolePrincipal") || kind.endsWith("GroupPrincipal")) roles.add(each.getName());
        }
        return new Principal(user, Set.copyOf(roles), "jaas " + name);
    }

    private static void answer(Callback[] callbacks, String user, char[] password) throws UnsupportedCallbackException {
        for (Callback callback : callbacks) {
            if (callback instanceof NameCallback asked) asked.setName(user);
            else if (callback instanceof PasswordCallback asked) asked.setPassword(password);
            else throw new UnsupportedCallbackException(callback);
        }
    }

    private static AuthenticationResult unavailable(String why) {
        return new AuthenticationResult.Deny(ReasonCode.SERVER_UNAVAILABLE, why);
    }

    /** Answers those who wait and takes no more. */
    @Override
    public void close() {
        threads.shutdown();
        // Its tasks are for those who still wait, and run all the same.
        timer.shutdown();
    }
}
