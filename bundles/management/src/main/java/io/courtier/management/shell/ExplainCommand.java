// SPDX-License-Identifier: Apache-2.0
package io.courtier.management.shell;

import io.courtier.api.Broker;
import io.courtier.api.Explanation;
import io.courtier.protocol.QoS;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.jspecify.annotations.Nullable;

@Service
@Command(
        scope = "courtier",
        name = "explain",
        description = "Says what a client may do with a topic, and which rule says so.")
public final class ExplainCommand implements Action {
    @Reference
    private @Nullable Broker broker;

    @Argument(
            index = 0,
            name = "client",
            description = "its client identifier; connected, or with a session",
            required = true)
    private String client = "";

    @Argument(index = 1, name = "topic", description = "a topic name", required = true)
    private String topic = "";

    @Option(name = "--qos", description = "the QoS with which it would publish and subscribe: 0, 1 or 2")
    private int qos;

    @Option(name = "--retain", description = "whether it would publish a message to be retained")
    private boolean retain;

    @Override
    public @Nullable Object execute() throws Exception {
        Broker running = broker;
        if (running == null) throw new IllegalStateException("there is no broker");
        if (qos < 0 || qos > 2) throw new IllegalArgumentException("--qos " + qos + " is not 0, 1 or 2");
        QoS asked = QoS.of(qos);
        Optional<Explanation> found =
                Answer.<Explanation>to(answer -> running.explain(client, topic, asked, retain, answer));
        System.out.println(
                found.map(it -> text(it, asked, retain)).orElse("There is no session of client " + client + "."));
        return null;
    }

    static String text(Explanation it, QoS qos, boolean retain) {
        return """
                client      %s, %s
                user        %s, as %s says
                roles       %s
                attributes  %s
                asked       QoS %d, %s
                publish     %s
                subscribe   %s
                receive     %s
                gets it by  %s"""
                .formatted(
                        it.clientIdentifier(),
                        it.connected() ? "connected by " + it.listener() : "away, came by " + it.listener(),
                        it.userName() == null ? "none" : it.userName(),
                        it.authenticator(),
                        it.roles().isEmpty() ? "none" : String.join(", ", it.roles()),
                        it.attributes().isEmpty() ? "none" : attributes(it.attributes()),
                        qos.value(),
                        retain ? "retained" : "not retained",
                        text(it.publish()),
                        text(it.subscribe()),
                        text(it.receive()),
                        it.subscriptions().isEmpty() ? "no subscription" : String.join(", ", it.subscriptions()));
    }

    private static String attributes(Map<String, String> attributes) {
        return new TreeMap<>(attributes)
                .entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue())
                        .collect(Collectors.joining(", "));
    }

    private static String text(Explanation.Decision decision) {
        return (decision.allowed() ? "allowed" : "not allowed")
                + (decision.why() == null ? "" : "  (" + decision.why() + ")");
    }
}
