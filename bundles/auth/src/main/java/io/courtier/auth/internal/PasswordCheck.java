// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Principal;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a password is that of its user. Asked on event loops; hashes on a few threads of its own, before which a
 * bounded queue waits. A user that is not there is compared with nobody's hash, so that the time tells nothing.
 */
final class PasswordCheck implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PasswordCheck.class);
    private static final AtomicInteger THREADS = new AtomicInteger();
    private static final long IDLE_SECONDS = 30;

    /** For the log of the broker: the same whatever was wrong. */
    static final AuthenticationResult REFUSED = new AuthenticationResult.Deny(
            ReasonCode.BAD_USER_NAME_OR_PASSWORD, "the user name or the password is wrong");

    static final AuthenticationResult NO_PASSWORD =
            new AuthenticationResult.Deny(ReasonCode.BAD_USER_NAME_OR_PASSWORD, "a user name came without a password");

    private final ProvenPasswords<Boolean> proven;
    private final BiPredicate<PasswordHash, byte[]> matches;
    private final ThreadPoolExecutor hashing;

    /** @param matches the slow part: {@link PasswordHash#matches} */
    PasswordCheck(
            int threads, int queueMax, ProvenPasswords<Boolean> proven, BiPredicate<PasswordHash, byte[]> matches) {
        this.proven = proven;
        this.matches = matches;
        hashing = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queueMax), task -> {
                    Thread thread = new Thread(task, "courtier-password-" + THREADS.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        hashing.allowCoreThreadTimeOut(true);
    }

    void check(Users users, AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        String name = request.userName();
        byte[] password = request.password();
        if (name == null) {
            answer.accept(new AuthenticationResult.Abstain());
            return;
        }
        Users.@Nullable User user = users.find(name);
        PasswordHash own = user == null ? null : user.hash();
        if (password == null || password.length == 0) {
            boolean anonymousAllowed = request.connection().anonymousAllowed();
            answer.accept(user != null && own == null && anonymousAllowed ? allow(user) : NO_PASSWORD);
            return;
        }
        // From here on all is the same, whether there is such a user or not. A user without password has no right one.
        AuthenticationResult ifRight = user == null || own == null ? REFUSED : allow(user);
        PasswordHash hash = own == null ? users.nobodys() : own;
        ByteBuffer digest = proven.digest(name, hash.bytes(), password);
        if (proven.get(digest) != null) {
            answer.accept(ifRight);
            return;
        }
        try {
            hashing.execute(() -> {
                boolean right = matches(hash, password);
                if (right) proven.add(digest, true);
                answer.accept(right ? ifRight : REFUSED);
            });
        } catch (RejectedExecutionException full) {
            answer.accept(new AuthenticationResult.Deny(
                    ReasonCode.SERVER_BUSY, "too many passwords wait to be checked: see hash.queue.max"));
        }
    }

    private boolean matches(PasswordHash hash, byte[] password) {
        try {
            return matches.test(hash, password);
        } catch (RuntimeException bug) {
            LOG.error("a password could not be checked and counts as wrong", bug);
            return false;
        }
    }

    private static AuthenticationResult allow(Users.User user) {
        return new AuthenticationResult.Allow(new Principal(user.name(), user.roles(), "file"));
    }

    /** Answers those who wait and takes no more. */
    @Override
    public void close() {
        hashing.shutdown();
    }
}
