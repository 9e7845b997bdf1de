// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.transport;

import java.util.concurrent.Executor;
import org.osgi.annotation.versioning.ProviderType;

/** One of the broker's event loops: a thread that owns a shard and its connections. Tasks run in the order given. */
@ProviderType
public interface EventLoop extends Executor {
    /** 0 to {@link EventLoops#size} - 1: also the number of its shard. */
    int index();

    /** True on the thread of this loop. */
    boolean inEventLoop();

    /**
     * The library's own object behind this loop, for a transport that registers channels with it
     * ({@code io.netty.channel.EventLoop} on the server). IllegalArgumentException where it is of another type.
     */
    <T> T unwrap(Class<T> type);
}
