// SPDX-License-Identifier: Apache-2.0
package io.courtier.management.shell;

import io.courtier.api.AccessControl;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.jspecify.annotations.Nullable;

@Service
@Command(
        scope = "courtier",
        name = "acl-commit",
        description = "Makes the access rules that are tried those that count, and keeps the file from before.")
public final class AclCommitCommand implements Action {
    @Reference(optional = true)
    private @Nullable AccessControl access;

    @Override
    public @Nullable Object execute() {
        System.out.println(Acl.text(Acl.running(access).commit()));
        return null;
    }
}
