// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.core.Reading.Obstacle;
import io.courtier.protocol.ReasonCode;
import io.courtier.spi.transport.CloseCause;
import org.jspecify.annotations.Nullable;

/**
 * Holds one connection to the rates at which its client and its user may publish. A message that was read is taken, and what
 * it costs is owed; as long as something is owed, nothing more is read, or the connection ends, as the limits say. Made for a
 * connection when there is such a limit.
 */
final class Throttle {
    /** Told again after so long without a pause: a client that lives at its limit makes one line. */
    private static final long QUIET_NANOS = 60_000_000_000L;
    /** How long what came before the network closed is still taken. */
    private static final long CLOSED_NANOS_MAX = 60_000_000_000L;

    private final ClientConnection connection;
    private final Shard shard;
    private final Timer timer;
    private long pauses;
    private long quietAtNanos;
    private boolean holding;
    /** The network closed it meanwhile: that is heard behind what came before. */
    private @Nullable CloseCause closedBy;

    private long closedAtNanos;
    private long goesOnAtNanos;

    // What the last look found.
    private long waitNanos;
    private String limit = "";
    private long rate;

    Throttle(ClientConnection connection) {
        this.connection = connection;
        shard = connection.shard;
        timer = new Timer(this::goOn);
        quietAtNanos = shard.turn().nowNanos();
    }

    /** The client is let in: what it owes from before is still owed. */
    void begin() {
        FairUse fair = shard.limits().fairUse();
        if (fair.excess() != FairUse.Excess.PAUSE) return;
        look(fair, 0);
        if (waitNanos > 0) pause();
    }

    /** A PUBLISH of so many bytes came. False: the connection has ended for it. */
    boolean admit(int bytes) {
        FairUse fair = shard.limits().fairUse();
        if (fair.excess() == FairUse.Excess.DISCONNECT) {
            look(fair, 0);
            if (waitNanos > 0) {
                shard.counters().messageRateExceeded++;
                String why = "it publishes more than " + limit + "=" + rate;
                shard.events().limited(connection.clientIdentifier, connection.info, why, true);
                connection.disconnect(ReasonCode.MESSAGE_RATE_TOO_HIGH, why);
                return false;
            }
        }
        look(fair, bytes);
        if (waitNanos > 0 && fair.excess() == FairUse.Excess.PAUSE) pause();
        return true;
    }

    /** Whether nothing of the client is handled for now; what had been read is parked. */
    boolean holds() {
        return holding;
    }

    /** The client is back at its rate, or there is none any more. */
    void goOn() {
        if (!holding) return;
        holding = false;
        try {
            connection.goOnAtRate();
        } catch (RuntimeException bug) {
            connection.session().broken(bug);
            return;
        }
        CloseCause cause = closedBy;
        if (cause != null && !(holding && isSoonEnough())) connection.close(cause);
        else if (!holding) connection.reading.goOn(Obstacle.RATE);
    }

    /**
     * The network closed it while something is parked. Gives whether the connection is there for as long as that is read; the
     * cause is told then.
     */
    boolean outlives(CloseCause cause) {
        closedAtNanos = shard.turn().nowNanos();
        if (!holding || !isSoonEnough()) return false;
        closedBy = cause;
        return true;
    }

    /** Whether it goes on before what came from a closed network is too old. */
    private boolean isSoonEnough() {
        return goesOnAtNanos - closedAtNanos <= CLOSED_NANOS_MAX;
    }

    /** How often it was paused. */
    long pauses() {
        return pauses;
    }

    /** The connection is gone. */
    void end() {
        holding = false;
        shard.timers().cancel(timer);
    }

    private void pause() {
        long now = shard.turn().nowNanos();
        goesOnAtNanos = now + waitNanos;
        shard.timers().set(timer, goesOnAtNanos);
        boolean quiet = pauses == 0 || now - quietAtNanos > 0;
        quietAtNanos = goesOnAtNanos + QUIET_NANOS;
        holding = true;
        if (!connection.reading.stop(Obstacle.RATE)) return;
        pauses++;
        shard.counters().messageRateExceeded++;
        if (quiet) {
            String why = "it is read more slowly, for it publishes more than " + limit + "=" + rate;
            shard.events().limited(connection.clientIdentifier, connection.info, why, false);
        }
    }

    /** Takes a message of so many bytes (0: none), and finds out which limit makes the client wait longest. */
    private void look(FairUse fair, int bytes) {
        waitNanos = 0;
        Session session = connection.session();
        if (fair.clientMessagesPerSecond() > 0 || fair.clientBytesPerSecond() > 0) {
            Allowance client = shard.turnstile().allowance(session);
            look(
                    fair,
                    client.messages,
                    bytes > 0 ? 1 : 0,
                    "client.messages.per.second",
                    fair.clientMessagesPerSecond());
            look(fair, client.bytes, bytes, "client.bytes.per.second", fair.clientBytesPerSecond());
        }
        if (fair.userMessagesPerSecond() > 0 || fair.userBytesPerSecond() > 0) {
            Allowance user = shard.turnstile().allowance(session.user);
            if (user == null) return;
            look(fair, user.messages, bytes > 0 ? 1 : 0, "user.messages.per.second", fair.userMessagesPerSecond());
            look(fair, user.bytes, bytes, "user.bytes.per.second", fair.userBytesPerSecond());
        }
    }

    private void look(FairUse fair, TokenBucket bucket, int count, String name, long perSecond) {
        if (perSecond == 0) return;
        long now = shard.turn().nowNanos();
        long burst = fair.burstNanos();
        if (count > 0) bucket.take(FairUse.costNanos(count, perSecond), burst, now);
        // Of messages a whole one must be left for the next; of bytes one will do, or large packets would never leave.
        long wait = bucket.waitNanos(FairUse.costNanos(1, perSecond), burst, now);
        if (wait <= waitNanos) return;
        waitNanos = wait;
        limit = name;
        rate = perSecond;
    }
}
