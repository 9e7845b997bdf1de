// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** Whether retained messages are sent when a subscription is made. The constants are in the order of their values. */
public enum RetainHandling {
    SEND,
    SEND_IF_NEW,
    DO_NOT_SEND;

    private static final RetainHandling[] ALL = values();

    public int value() {
        return ordinal();
    }

    /** The handling of a value from 0 to 2; 3 is a Protocol Error and the caller's to refuse. */
    public static RetainHandling of(int value) {
        return ALL[value];
    }
}
