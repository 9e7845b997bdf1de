// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** The revisions of MQTT that Courtier speaks. */
public enum ProtocolVersion {
    V3_1(3, "MQIsdp"),
    V3_1_1(4, "MQTT"),
    V5(5, "MQTT");

    private final int level;
    private final String protocolName;

    ProtocolVersion(int level, String protocolName) {
        this.level = level;
        this.protocolName = protocolName;
    }

    /** The Protocol Version (protocol level) byte of CONNECT. [MQTT-3.1.2-2] */
    public int level() {
        return level;
    }

    /** The Protocol Name of CONNECT. [MQTT-3.1.2-1] */
    public String protocolName() {
        return protocolName;
    }

    /** True for MQTT 5: properties and reason codes are on the wire. */
    public boolean hasProperties() {
        return this == V5;
    }
}
