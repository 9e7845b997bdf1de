// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import io.courtier.protocol.ReasonCode;

/** Bytes that no packet of the standard has. [MQTT-4.13.1-1] */
public final class MalformedPacketException extends ProtocolException {
    private static final long serialVersionUID = 1L;

    public MalformedPacketException(String what) {
        super(ReasonCode.MALFORMED_PACKET, what);
    }
}
