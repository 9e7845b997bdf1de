// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import io.courtier.core.Peers;
import io.courtier.core.Shard;
import io.courtier.spi.transport.OutboundBytes;
import java.util.function.Consumer;

/** One shard has no others. */
final class Alone implements Peers {
    private final TabBroker broker;

    Alone(TabBroker broker) {
        this.broker = broker;
    }

    @Override
    public int count() {
        return 1;
    }

    @Override
    public void post(int target, Object[] items, int length, long bytes) {
        broker.post(() -> broker.shard().receive(items, length));
    }

    @Override
    public boolean isCongested(int target) {
        return false;
    }

    @Override
    public void move(OutboundBytes out, int target, Consumer<Shard> arrived) {
        throw new UnsupportedOperationException("there is one shard");
    }
}
