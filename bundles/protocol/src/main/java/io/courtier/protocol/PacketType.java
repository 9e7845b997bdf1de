// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** The fifteen MQTT Control Packet types, in the order of their values. */
public enum PacketType {
    CONNECT,
    CONNACK,
    PUBLISH,
    PUBACK,
    PUBREC,
    PUBREL,
    PUBCOMP,
    SUBSCRIBE,
    SUBACK,
    UNSUBSCRIBE,
    UNSUBACK,
    PINGREQ,
    PINGRESP,
    DISCONNECT,
    AUTH;

    private static final PacketType[] ALL = values();

    /** The upper four bits of the fixed header: 1 to 15. */
    public int value() {
        return ordinal() + 1;
    }

    /** The type of a value from 1 to 15; 0 is reserved and the caller's to refuse. */
    public static PacketType of(int value) {
        return ALL[value - 1];
    }

    /** The lower four bits of the fixed header of every type but PUBLISH. [MQTT-2.1.3-1] */
    public int reservedFlags() {
        return this == PUBREL || this == SUBSCRIBE || this == UNSUBSCRIBE ? 0b0010 : 0;
    }
}
