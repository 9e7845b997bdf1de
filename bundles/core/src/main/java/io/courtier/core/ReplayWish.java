// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.Properties;
import io.courtier.protocol.UserProperty;
import org.jspecify.annotations.Nullable;

/**
 * What a SUBSCRIBE wants of the past, by its user properties: {@code replay-last}, a number of messages of each topic, and
 * {@code replay-since}, milliseconds since 1970; with both, what both allow.
 */
record ReplayWish(int last, long sinceMillis) {
    private static final ReplayWish BROKEN = new ReplayWish(-1, 0);

    /** A number of this many digits is one of any time and any count. */
    private static final int DIGITS_MAX = 15;

    /** Null: nothing. */
    static @Nullable ReplayWish of(Properties properties) {
        if (properties.isEmpty()) return null;
        String last = null;
        String since = null;
        for (UserProperty each : properties.userProperties()) {
            if (each.name().equals("replay-last")) last = each.value();
            else if (each.name().equals("replay-since")) since = each.value();
        }
        if (last == null && since == null) return null;
        long lastOnes = last == null ? Integer.MAX_VALUE : number(last);
        long from = since == null ? 0 : number(since);
        if (lastOnes < 0 || from < 0) return BROKEN;
        return new ReplayWish((int) Math.min(lastOnes, Integer.MAX_VALUE), from);
    }

    /** It cannot be told what is wanted. */
    boolean isBroken() {
        return last < 0;
    }

    /** -1: it is none. */
    private static long number(String text) {
        if (text.isEmpty() || text.length() > DIGITS_MAX) return -1;
        long number = 0;
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') return -1;
            number = 10 * number + (digit - '0');
        }
        return number;
    }
}
