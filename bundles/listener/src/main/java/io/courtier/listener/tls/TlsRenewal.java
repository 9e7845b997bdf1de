// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener.tls;

import io.courtier.listener.CannotOpen;
import org.jspecify.annotations.Nullable;

/**
 * Notices that certificate files changed and reads them anew. Looks at contents, and acts when two looks saw the same:
 * certificate and key are seldom replaced in one step. One thread.
 */
public final class TlsRenewal {
    private final TlsSettings settings;
    private TlsFiles used;
    private @Nullable TlsFiles seen;

    public TlsRenewal(TlsMaterial first) {
        settings = first.settings();
        used = first.files();
    }

    /** What to use from now on, or null. Says once what is wrong with new files; the old ones stay in use then. */
    public @Nullable TlsMaterial look() throws CannotOpen {
        TlsFiles now;
        try {
            now = TlsFiles.read(settings);
        } catch (CannotOpen missing) {
            // In the middle of being replaced. If it stays so, what is in use does too.
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
        return TlsMaterial.of(settings, now);
    }
}
