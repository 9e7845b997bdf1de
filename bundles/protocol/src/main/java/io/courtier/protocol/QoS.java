// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** Quality of Service. The constants are in the order of their values. */
public enum QoS {
    AT_MOST_ONCE,
    AT_LEAST_ONCE,
    EXACTLY_ONCE;

    private static final QoS[] ALL = values();

    /** The two bits on the wire: 0, 1 or 2. */
    public int value() {
        return ordinal();
    }

    /** The QoS of a value from 0 to 2; 3 is malformed and the caller's to refuse. [MQTT-3.3.1-4] */
    public static QoS of(int value) {
        return ALL[value];
    }

    public static QoS min(QoS a, QoS b) {
        return a.ordinal() <= b.ordinal() ? a : b;
    }
}
