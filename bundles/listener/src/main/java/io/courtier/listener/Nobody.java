// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener;

import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.InboundBytes;

/** Whom a connection tells before the broker knows it, and after it was told of the end. */
public final class Nobody implements InboundBytes {
    public static final InboundBytes INSTANCE = new Nobody();

    private Nobody() {}

    @Override
    public void received(byte[] bytes, int offset, int length) {}

    @Override
    public void writable() {}

    @Override
    public void closing() {}

    @Override
    public void closed(CloseCause cause) {}
}
