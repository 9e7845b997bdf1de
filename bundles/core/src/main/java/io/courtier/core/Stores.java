// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.spi.store.RetainStore;
import io.courtier.spi.store.SessionStore;
import org.jspecify.annotations.Nullable;

/** Where a broker keeps what is to outlive it. What has no store ends with it. */
public record Stores(@Nullable SessionStore sessions, @Nullable RetainStore retained) {
    public static final Stores NONE = new Stores(null, null);
}
