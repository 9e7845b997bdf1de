// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Connections that break while thousands of messages are under way. Paho only publishes here, and only MQTT 3.1.1: as
 * subscriber it may open a connection without a CONNECT until the broker closes it; its MQTT 5 repeats a PUBLISH with the
 * Topic Alias of the connection before, and hands a QoS 2 message over twice.
 */
@ParameterizedClass(name = "{0} to {1}")
@CsvSource({"HIVEMQ_MQTT_3,HIVEMQ_MQTT_3", "HIVEMQ_MQTT_5,HIVEMQ_MQTT_5", "PAHO_MQTT_3,HIVEMQ_MQTT_3"})
@Execution(ExecutionMode.CONCURRENT)
class ReconnectIT {
    private static final int MANY = 3_000;

    @Parameter(0)
    Library publishing;

    @Parameter(1)
    Library subscribing;

    private final String base = House.unique("reconnect");
    private final String topic = base + "/t";
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (int i = open.size(); --i >= 0; ) open.get(i).close();
    }

    private Visitor connect(Library library, String name, int port) throws Exception {
        Visitor visitor =
                library.connect(Visit.of(base + name).lasting().reconnecting().through(port));
        open.add(visitor);
        return visitor;
    }

    private Cable cable() {
        Cable cable = new Cable(House.port());
        open.add(cable);
        return cable;
    }

    @ParameterizedTest(name = "QoS {0}")
    @ValueSource(ints = {1, 2})
    void nothingIsLostWhenAnOperatorDisconnects(int qos) throws Exception {
        Visitor publisher = connect(publishing, "p", House.port());
        Visitor subscriber = connect(subscribing, "s", House.port());
        arrivesThrough(publisher, subscriber, qos, () -> {
            House.door().broker().disconnect(base + "p");
            House.door().broker().disconnect(base + "s");
        });
    }

    @ParameterizedTest(name = "QoS {0}")
    @ValueSource(ints = {1, 2})
    void nothingIsLostWhenCablesAreCut(int qos) throws Exception {
        Cable in = cable();
        Cable out = cable();
        Visitor publisher = connect(publishing, "p", in.port());
        Visitor subscriber = connect(subscribing, "s", out.port());
        arrivesThrough(publisher, subscriber, qos, () -> {
            in.cut();
            out.cut();
        });
    }

    /** Sends many and disturbs twice while they are under way: all must arrive, and only at QoS 1 some twice. */
    private void arrivesThrough(Visitor publisher, Visitor subscriber, int qos, Runnable disturb) throws Exception {
        subscriber.subscribe(topic, qos);
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            try {
                for (int i = 0; i < MANY; i++) publisher.send(topic, ("m" + i).getBytes(), qos, false);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        for (int atLeast : new int[] {MANY / 4, MANY / 2}) {
            subscriber.inbox().await(atLeast);
            disturb.run();
        }
        sending.get(30, TimeUnit.SECONDS);
        Patience.until(() -> "all, missing " + missing(subscriber), () -> missing(subscriber)
                .isEmpty());
        publisher.publish(topic, "end", qos);
        List<String> all = subscriber.inbox().textsUntil("end");
        if (qos == 2) assertThat(all).as("at QoS 2").hasSize(MANY);
    }

    private static Set<String> missing(Visitor subscriber) {
        Set<String> missing = new HashSet<>();
        for (int i = 0; i < MANY; i++) missing.add("m" + i);
        subscriber.inbox().now().forEach(arrival -> missing.remove(arrival.text()));
        return missing;
    }
}
