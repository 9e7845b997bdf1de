// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal.tls;

import io.courtier.transport.tcp.internal.CannotOpen;
import org.jspecify.annotations.Nullable;

/**
 * Notices that certificate files changed and makes a new context of them. Looks at contents, and acts when two looks saw
 * the same: certificate and key are seldom replaced in one step. One thread.
 */
public final class TlsRenewal {
    private final TlsContext first;
    private TlsFiles used;
    private @Nullable TlsFiles seen;

    public TlsRenewal(TlsContext first) {
        this.first = first;
        this.used = first.files();
    }

    /** A context to use from now on, or null. Says once what is wrong with new files; the old context stays then. */
    public @Nullable TlsContext look() throws CannotOpen {
        TlsFiles now;
        try {
            now = TlsFiles.read(first.settings());
        } catch (CannotOpen missing) {
            // In the middle of being replaced. If it stays so, the old context does too.
            seen = null;
            return null;
        }
        if (now.sameAs(used)) {
            seen = null;
            return null;
        }
        if (seen == null || !now.sameAs(seen)) {
            seen = now;
            return null;
        }
        seen = null;
        // Used or found unusable: either way it is not looked at twice.
        used = now;
        return TlsContext.of(first.settings(), now);
    }
}
