// SPDX-License-Identifier: Apache-2.0
package io.courtier.management.shell;

import io.courtier.api.AccessControl;
import io.courtier.api.AccessRules;
import org.jspecify.annotations.Nullable;

/** What the commands for access rules have in common. The other commands are there without the bundle of the rules. */
final class Acl {
    private Acl() {}

    static AccessControl running(@Nullable AccessControl access) {
        if (access == null) throw new IllegalStateException("there is no access list: courtier-auth does not run");
        return access;
    }

    /** What a client named, which may be made to steer a terminal. */
    static String shown(String name) {
        StringBuilder shown = new StringBuilder(name);
        for (int i = 0; i < shown.length(); i++) {
            if (Character.isISOControl(shown.charAt(i))) shown.setCharAt(i, '?');
        }
        return shown.toString();
    }

    static String text(AccessRules now) {
        return now.rules() + " rules of " + now.file() + " count now. "
                + (now.before() == null ? "There were none before." : "Those from before are in " + now.before() + ".");
    }
}
