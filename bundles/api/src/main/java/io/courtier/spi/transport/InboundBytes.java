// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.transport;

import org.osgi.annotation.versioning.ProviderType;

/** What a transport tells the broker, always on the loop that owns the connection. */
@ProviderType
public interface InboundBytes {
    /** Bytes arrived; borrowed until return. */
    void received(byte[] bytes, int offset, int length);

    /** The outbound buffer fell below its low-water mark. */
    void writable();

    /** The transport is about to close it, because its listener closes: the last moment to say goodbye. */
    void closing();

    /** The connection is gone; nothing is called after it. Also called after {@link OutboundBytes#close}. */
    void closed(CloseCause cause);
}
