// SPDX-License-Identifier: Apache-2.0
package io.courtier.management.shell;

import io.courtier.api.Broker;
import io.courtier.api.ClientInfo;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.table.ShellTable;
import org.jspecify.annotations.Nullable;

@Service
@Command(scope = "courtier", name = "clients", description = "Lists the clients that are connected.")
public final class ClientsCommand implements Action {
    @Reference
    private @Nullable Broker broker;

    @Override
    public @Nullable Object execute() throws Exception {
        Broker running = broker;
        if (running == null) throw new IllegalStateException("there is no broker");
        List<ClientInfo> clients = Answer.<List<ClientInfo>>to(running::clients).orElseThrow();
        ShellTable table = new ShellTable();
        for (String column : List.of(
                "Client",
                "User",
                "Version",
                "Listener",
                "Address",
                "Filters",
                "Queued",
                "In flight",
                "Dropped",
                "Pauses")) {
            table.column(column);
        }
        clients.stream()
                .sorted(Comparator.comparing(ClientInfo::clientIdentifier))
                .forEach(client -> table.addRow()
                        .addContent(
                                client.clientIdentifier(),
                                client.userName() == null ? "" : client.userName(),
                                client.version(),
                                client.listener(),
                                client.remoteAddress(),
                                client.subscriptions(),
                                client.queued(),
                                client.inflight(),
                                client.droppedMessages(),
                                client.pauses()));
        table.print(System.out);
        return null;
    }
}
