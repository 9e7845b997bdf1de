// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.TopicFilter;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * By which of its subscriptions a session has a message. Null stands for ordinary ones without an identifier: nothing is to
 * be remembered of those.
 *
 * @param identifiers their Subscription Identifiers, null: none has one [MQTT-3.3.4-4]
 * @param shared the shared subscription that it is; null: it is others
 */
record Matched(int @Nullable [] identifiers, @Nullable TopicFilter shared) {
    static @Nullable Matched of(int @Nullable [] identifiers, @Nullable TopicFilter shared) {
        return identifiers == null && shared == null ? null : new Matched(identifiers, shared);
    }

    static int @Nullable [] identifiersOf(@Nullable Matched matched) {
        return matched == null ? null : matched.identifiers;
    }

    static @Nullable TopicFilter sharedOf(@Nullable Matched matched) {
        return matched == null ? null : matched.shared;
    }

    /** Of two ordinary subscriptions together. */
    static @Nullable Matched both(@Nullable Matched one, @Nullable Matched other) {
        int[] a = identifiersOf(one);
        int[] b = identifiersOf(other);
        if (a == null) return other;
        if (b == null) return one;
        int[] both = new int[a.length + b.length];
        System.arraycopy(a, 0, both, 0, a.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return new Matched(both, null);
    }

    /** Makes them of what a store kept: of a queue of millions most are the same one. */
    static final class Restored {
        private int @Nullable [] identifiers;
        private @Nullable String shared;
        private @Nullable Matched last;

        @Nullable
        Matched of(int @Nullable [] nextIdentifiers, @Nullable String nextShared) {
            if (!Arrays.equals(nextIdentifiers, identifiers) || !Objects.equals(nextShared, shared)) {
                identifiers = nextIdentifiers;
                shared = nextShared;
                last = Matched.of(nextIdentifiers, nextShared == null ? null : TopicFilter.parse(nextShared));
            }
            return last;
        }
    }
}
