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
        name = "acl-rollback",
        description = "Puts the access rules from before the last acl-commit back; once more undoes that.")
public final class AclRollbackCommand implements Action {
    @Reference(optional = true)
    private @Nullable AccessControl access;

    @Override
    public @Nullable Object execute() {
        System.out.println(Acl.text(Acl.running(access).rollback()));
        return null;
    }
}
