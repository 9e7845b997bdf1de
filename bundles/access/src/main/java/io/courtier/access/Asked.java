// SPDX-License-Identifier: Apache-2.0
package io.courtier.access;

import io.courtier.protocol.QoS;
import org.jspecify.annotations.Nullable;

/**
 * What has to be asked for, so that a rule matches.
 *
 * @param qosMin the QoS of the message, or of the subscription
 * @param qosMax the same; not less
 * @param retain whether the message is to be retained; null where either will do
 */
record Asked(int qosMin, int qosMax, @Nullable Boolean retain) {
    static final Asked ANYTHING = new Asked(0, 2, null);

    /** The same, of one QoS or of a range: {@code 0}, {@code 0-1}. */
    Asked withQoS(int number, String range) throws BrokenRule {
        int length = range.length();
        if (length == 1 || length == 3 && range.charAt(1) == '-') {
            int min = range.charAt(0) - '0';
            int max = range.charAt(length - 1) - '0';
            if (min >= 0 && min <= max && max <= 2) return new Asked(min, max, retain);
        }
        throw new BrokenRule(number, "qos " + range + " is neither a QoS, as qos 0, nor a range, as qos 0-1");
    }

    Asked withRetain(boolean retained) {
        return new Asked(qosMin, qosMax, retained);
    }

    boolean isAnyQoS() {
        return qosMin == 0 && qosMax == 2;
    }

    boolean isAnyRetain() {
        return retain == null;
    }

    boolean fits(QoS qos) {
        return qos.value() >= qosMin && qos.value() <= qosMax;
    }

    boolean fits(QoS qos, boolean retained) {
        return fits(qos) && (retain == null || retain == retained);
    }
}
