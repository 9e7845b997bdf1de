// SPDX-License-Identifier: Apache-2.0
package io.courtier.management.shell;

import io.courtier.api.Broker;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.table.ShellTable;
import org.jspecify.annotations.Nullable;

@Service
@Command(scope = "courtier", name = "refused", description = "Lists the clients that were refused lately, and why.")
public final class RefusedCommand implements Action {
    @Reference
    private @Nullable Broker broker;

    @Override
    public @Nullable Object execute() {
        Broker running = broker;
        if (running == null) throw new IllegalStateException("there is no broker");
        ShellTable table = new ShellTable();
        for (String column : List.of("When", "Client", "Listener", "Address", "Reason", "Why")) table.column(column);
        running.refused().forEach(refused -> table.addRow()
                .addContent(
                        Instant.ofEpochMilli(refused.epochMillis()).truncatedTo(ChronoUnit.SECONDS),
                        refused.clientIdentifier(),
                        refused.listener(),
                        refused.remoteAddress(),
                        refused.reason(),
                        refused.why()));
        table.print(System.out);
        return null;
    }
}
