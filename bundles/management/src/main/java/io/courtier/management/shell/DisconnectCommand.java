// SPDX-License-Identifier: Apache-2.0
package io.courtier.management.shell;

import io.courtier.api.Broker;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.jspecify.annotations.Nullable;

@Service
@Command(
        scope = "courtier",
        name = "disconnect",
        description = "Closes a client's connection. It may come back: see etc/courtier-bans to keep it out.")
public final class DisconnectCommand implements Action {
    @Reference
    private @Nullable Broker broker;

    @Argument(name = "client", description = "its client identifier", required = true)
    private String client = "";

    @Override
    public @Nullable Object execute() {
        Broker running = broker;
        if (running == null) throw new IllegalStateException("there is no broker");
        running.disconnect(client);
        return null;
    }
}
