// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.transport;

import org.osgi.annotation.versioning.ProviderType;

/** The broker's event loops. They outlive every transport, so that a transport can be updated alone. */
@ProviderType
public interface EventLoops {
    int size();

    EventLoop loop(int index);

    /** How sockets are watched: {@code io_uring}, {@code epoll} or {@code nio}. */
    String io();

    /**
     * The library's own group ({@code io.netty.channel.EventLoopGroup} on the server), to be used and never shut down.
     * IllegalArgumentException where it is of another type.
     */
    <T> T unwrap(Class<T> type);
}
