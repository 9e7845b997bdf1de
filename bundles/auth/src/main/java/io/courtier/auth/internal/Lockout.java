// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Gatekeeper;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns those away for a while who have guessed too often: an address, whatever names it tries, and a user name from one
 * address. A user name as such is never locked, or anybody could lock its owner out. Asked on all event loops.
 */
@Component(immediate = true, configurationPid = Lockout.PID)
@Designate(ocd = Lockout.Config.class)
public final class Lockout implements Gatekeeper {
    static final String PID = "io.courtier.auth.lockout";

    private static final Logger LOG = LoggerFactory.getLogger(Lockout.class);

    /** The keys of {@code etc/io.courtier.auth.lockout.cfg}, with dots for underscores. */
    @ObjectClassDefinition(name = "Courtier lock-out")
    public @interface Config {
        @AttributeDefinition(description = "Failures of one address within the window until it is locked. 0: never.")
        int address_failures() default 50;

        @AttributeDefinition(description = "Failures of one user name from one address. 0: never.")
        int user_failures() default 10;

        @AttributeDefinition(description = "Within how many seconds they count.")
        int window_seconds() default 60;

        @AttributeDefinition(description = "For how many seconds they are locked.")
        int lock_seconds() default 300;

        @AttributeDefinition(description = "Whether clients of this machine are watched as well.")
        boolean loopback() default false;

        @AttributeDefinition(description = "How many addresses and user names are watched.")
        int watched_max() default 100_000;
    }

    private final LongSupplier nanoClock;
    private volatile Failures byAddress;
    private volatile Failures byUser;
    private volatile boolean loopback;

    @Activate
    public Lockout(Config config, Map<String, Object> properties) {
        this(config, properties, System::nanoTime);
    }

    Lockout(Config config, Map<String, Object> properties, LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        sayUnknownKeys(properties);
        byAddress = failures(config, config.address_failures(), "address.failures");
        byUser = failures(config, config.user_failures(), "user.failures");
        loopback = config.loopback();
    }

    /** What was counted is forgotten: who changes this wants to see what it does. */
    @Modified
    void modified(Config config, Map<String, Object> properties) {
        sayUnknownKeys(properties);
        byAddress = failures(config, config.address_failures(), "address.failures");
        byUser = failures(config, config.user_failures(), "user.failures");
        loopback = config.loopback();
    }

    private static Failures failures(Config config, int max, String key) {
        return new Failures(
                between(0, 1_000_000, max, key),
                TimeUnit.SECONDS.toNanos(between(1, 86_400, config.window_seconds(), "window.seconds")),
                TimeUnit.SECONDS.toNanos(between(1, 604_800, config.lock_seconds(), "lock.seconds")),
                between(1, 10_000_000, config.watched_max(), "watched.max"));
    }

    private static int between(int min, int max, int value, String key) {
        if (value >= min && value <= max) return value;
        throw new IllegalArgumentException(
                key + "=" + value + " is not between " + min + " and " + max + ": correct it in etc/" + PID + ".cfg");
    }

    @Override
    public AuthenticationResult.@Nullable Deny refuses(AuthenticationRequest request) {
        long now = nanoClock.getAsLong();
        String address = request.connection().remoteAddress();
        if (!isWatched(address)) return null;
        if (byAddress.isLocked(address, now)) return locked("its address is locked out after too many failures");
        if (byUser.isLocked(user(request), now)) return locked("its user name is locked out at its address");
        return null;
    }

    @Override
    public void judged(AuthenticationRequest request, boolean letIn) {
        long now = nanoClock.getAsLong();
        if (letIn) {
            // Not its address: a guesser with one account of its own would start anew with each success.
            byUser.forget(user(request));
            return;
        }
        String address = request.connection().remoteAddress();
        if (!isWatched(address)) return;
        if (byUser.failed(user(request), now)) {
            LOG.warn("address={} locked out with one of its user names after {} failures", address, byUser.max());
        }
        if (byAddress.failed(address, now)) {
            LOG.warn("address={} locked out after {} failures", address, byAddress.max());
        }
    }

    private boolean isWatched(String address) {
        return loopback || !Addresses.isLoopback(address);
    }

    private static String user(AuthenticationRequest request) {
        return request.connection().remoteAddress() + " " + request.userName();
    }

    private static AuthenticationResult.Deny locked(String why) {
        return new AuthenticationResult.Deny(ReasonCode.CONNECTION_RATE_EXCEEDED, why);
    }

    private static void sayUnknownKeys(Map<String, Object> properties) {
        List<String> unknown = EtcFile.unknownKeys(Config.class, properties.keySet());
        if (!unknown.isEmpty()) LOG.warn("unknown keys in etc/{}.cfg: {}", PID, String.join(", ", unknown));
    }
}
