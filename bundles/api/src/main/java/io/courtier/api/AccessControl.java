// SPDX-License-Identifier: Apache-2.0
package io.courtier.api;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Tries access rules before they count, puts them in place, and takes that back. Rules that are tried decide nothing. Safe
 * from any thread; reads and writes files, so not for an event loop.
 */
@ProviderType
public interface AccessControl {
    /**
     * Begins to ask the rules of a file, as they are now, for whatever the broker asks those that count. In place of any trial
     * that runs. IllegalArgumentException says what is wrong with the file, and in which line.
     *
     * @param file in etc/ where it is relative
     */
    AccessTrial tryOut(String file);

    /** What the trial found so far, null where none runs. It begins anew when other rules begin to count. */
    @Nullable
    AccessTrial trial();

    /** Ends the trial. What it found, null where none ran. */
    @Nullable
    AccessTrial stop();

    /**
     * Makes the rules that are tried those that count, and ends the trial; keeps the file from before. IllegalStateException
     * where no trial runs, where its rules count already, where the file was changed by hand to what does not count, or not
     * yet, and where it cannot be written.
     */
    AccessRules commit();

    /**
     * Makes the rules from before the last commit those that count, and keeps what it replaces: once more undoes it.
     * IllegalStateException as for commit, and where there are none; IllegalArgumentException where they are broken.
     */
    AccessRules rollback();
}
