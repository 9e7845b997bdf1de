// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import io.courtier.conformance.TcpDoor;
import io.courtier.core.Limits;
import java.util.concurrent.atomic.AtomicInteger;

/** One broker for all tests that need no other: with the default limits, on a free port of loopback. */
public final class House {
    static final String HOST = "127.0.0.1";
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static TcpDoor door;

    private House() {}

    static synchronized TcpDoor door() {
        if (door == null) {
            door = new TcpDoor(Limits.DEFAULT);
            Runtime.getRuntime().addShutdownHook(new Thread(door::close));
        }
        return door;
    }

    static int port() {
        return door().port();
    }

    /** A name that no other test uses: for a client, or as the first level of a topic. */
    public static String unique(String name) {
        return name + "-" + NAMES.incrementAndGet();
    }
}
