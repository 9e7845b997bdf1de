// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import java.util.ArrayDeque;

/**
 * Whatever is called of a client is a turn. What is to be told is told at its end, when all is consistent, and may call back:
 * that is of the same turn. What is to be sent leaves behind it.
 */
final class Turn {
    private final Runnable send;
    private final ArrayDeque<Runnable> told = new ArrayDeque<>();
    private boolean running;

    /** @param send what ends each turn, whatever became of it */
    Turn(Runnable send) {
        this.send = send;
    }

    void run(Runnable what) {
        if (running) {
            what.run();
            return;
        }
        running = true;
        try {
            what.run();
            while (!told.isEmpty()) told.remove().run();
        } finally {
            running = false;
            send.run();
        }
    }

    /** An answer or an event, for the application. */
    void tell(Runnable what) {
        told.add(what);
    }
}
