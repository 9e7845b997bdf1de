// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener;

import java.util.concurrent.atomic.LongAdder;

/** What a listener counts. Any thread. */
public final class Counters {
    public final LongAdder accepted = new LongAdder();
    /** Over connections.max or connections.per.second. */
    public final LongAdder refused = new LongAdder();

    public final LongAdder tlsFailed = new LongAdder();
    /** Client certificates that a list revokes: refused in the handshake, or their connections ended. */
    public final LongAdder revoked = new LongAdder();
    /** No PROXY header where one must come, or a broken one. */
    public final LongAdder proxyHeadersMissing = new LongAdder();

    public final LongAdder handshakeTimeouts = new LongAdder();

    @Override
    public String toString() {
        return "accepted=" + accepted + " refused=" + refused + " tlsFailed=" + tlsFailed + " revoked=" + revoked
                + " proxyHeadersMissing="
                + proxyHeadersMissing + " handshakeTimeouts=" + handshakeTimeouts;
    }
}
