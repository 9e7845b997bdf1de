// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.transport;

import org.osgi.annotation.versioning.ProviderType;

/** Opens connections. Called on the event loop that the connection is on. */
@ProviderType
public interface ConnectionAcceptor {
    InboundBytes accept(ConnectionInfo info, EventLoop loop, OutboundBytes out);
}
