// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.ProtocolVersion;
import java.util.Random;

/** A client whose session lasts a second: there as long as it must, gone when it must, whatever the broker goes through. */
final class Lodger implements Client.Owner {
    private static final int EXPIRY_SECONDS = 1;
    private static final long SURELY_THERE_NANOS = 900_000_000L;
    /** A broker that is back counts in whole seconds, and its timers are late rather than early. */
    static final long SURELY_GONE_NANOS = 3_500_000_000L;

    final Client client;
    private final Faults faults;
    private boolean isOnline;
    private boolean lived;
    private long leftNanos;
    private boolean mustBeGone;

    Lodger(int index, Faults faults) {
        this.faults = faults;
        client = new Client("lodger-" + index, ProtocolVersion.V5, EXPIRY_SECONDS, faults);
    }

    /** Notes when its connection ended. To be called after whatever may end it, at once. */
    void look() {
        if (isOnline && client.isOffline()) leftNanos = System.nanoTime();
        isOnline = client.isReady();
    }

    void leave() {
        look();
        if (!client.isOffline()) client.disconnect();
        look();
    }

    /** @param upNanos when the broker was there for the last time that it came */
    void connect(int port, long upNanos) {
        long since = Math.max(leftNanos, upNanos);
        mustBeGone = lived && System.nanoTime() - since > SURELY_GONE_NANOS;
        client.connect(port, false);
    }

    @Override
    public void connected(boolean sessionPresent) {
        long awayNanos = System.nanoTime() - leftNanos;
        if (mustBeGone && sessionPresent) {
            faults.found(
                    Faults.Kind.UNDUE, client.name + " has a session of 1 s after " + awayNanos / 1_000_000 + " ms");
        }
        if (lived && !sessionPresent && awayNanos < SURELY_THERE_NANOS) {
            faults.found(
                    Faults.Kind.LOST,
                    client.name + " has lost a session of 1 s after " + awayNanos / 1_000_000 + " ms");
        }
        lived = true;
        isOnline = true;
    }

    @Override
    public void take(ControlPacket packet) {
        faults.found(Faults.Kind.UNDUE, client.name + " got what it did not ask for: " + packet);
    }

    void live(int port, long upNanos, Random random) {
        if (client.isOffline()) {
            if (random.nextInt(80) == 0) connect(port, upNanos);
        } else if (client.isReady() && random.nextInt(200) == 0) {
            if (random.nextBoolean()) client.disconnect();
            else client.drop();
        }
        look();
    }
}
