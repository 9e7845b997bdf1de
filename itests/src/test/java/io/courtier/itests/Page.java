// SPDX-License-Identifier: Apache-2.0
package io.courtier.itests;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URL;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The page that a browser finds at the WebSocket listener of the container. */
final class Page {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private Page() {}

    static void awaitStatus(int wanted) {
        long deadlineNanos = System.nanoTime() + PATIENCE_NANOS;
        String last = status();
        while (!last.equals("" + wanted)) {
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new AssertionError("waited for " + wanted + " in vain, the last answer was: " + last);
            }
            LockSupport.parkNanos(20_000_000);
            last = status();
        }
    }

    private static String status() {
        try {
            URL page = new URL("http://127.0.0.1:" + Integer.getInteger(Container.WS_PORT) + "/");
            return "" + ((HttpURLConnection) page.openConnection()).getResponseCode();
        } catch (IOException notYet) {
            return notYet.toString();
        }
    }
}
