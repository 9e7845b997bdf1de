// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.courtier.clients.House;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The Client page under more messages than anybody reads. */
@Isolated // It looks at how long a click takes, and two cores are soon taken by others.
class ClientPageLoadIT {
    private static final int MESSAGES = 20_000;
    private static final int PER_TURN = 40;
    private static final long TURN_NANOS = 10_000_000;

    @TempDir
    static Path folder;

    @Test
    void countsEachOfFourThousandASecondAndAnswersItsReader() {
        String topic = House.unique("load");
        try (Instance broker = new Instance(folder).start();
                Tab tab = Tab.open();
                Peer peer = Peer.of(broker)) {
            ClientPage page = ClientPage.open(tab, broker).connect().subscribe(topic + "/#", 1);
            List<Long> idleNanos = new ArrayList<>();
            for (int i = 0; i < 5; i++) idleNanos.add(clickNanos(page));
            CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> publish(peer, topic));
            page.awaitReceived(1_000);
            List<Long> clickNanos = new ArrayList<>();
            while (page.count("received") < MESSAGES - 2_000) clickNanos.add(clickNanos(page));
            publishing.join();
            page.awaitReceived(MESSAGES);
            assertThat(page.count("received")).isEqualTo(MESSAGES);
            assertThat(page.count("kept")).isEqualTo(10_000);
            assertThat(page.count("dropped")).isEqualTo(MESSAGES - 10_000);
            page.page()
                    .waitForFunction(
                            "() => document.getElementById('count-received').textContent === (20000).toLocaleString()");
            assertThat(tab.page().locator(".row").count()).isLessThan(80);
            // The usual one: a single click may meet a machine that is busy with something else. So may all of them:
            // then
            // one on a page that has nothing to do takes long, too.
            long limitMillis = Math.max(500, 5 * usualMillis(idleNanos));
            assertThat(usualMillis(clickNanos))
                    .as("ms for a click, of %s; without messages %s", clickNanos, idleNanos)
                    .isBetween(1L, limitMillis);
            assertThat(page.rows().get(9_999).text()).isEqualTo(String.valueOf(MESSAGES - 1));
        }
    }

    private static long clickNanos(ClientPage page) {
        long begunNanos = System.nanoTime();
        page.click("pause-btn").until("s.paused");
        page.click("pause-btn").until("!s.paused");
        return (System.nanoTime() - begunNanos) / 2;
    }

    private static long usualMillis(List<Long> nanos) {
        Collections.sort(nanos);
        return nanos.get(nanos.size() / 2) / 1_000_000;
    }

    private static void publish(Peer peer, String topic) {
        Mqtt5AsyncClient client = peer.client.toAsync();
        CompletableFuture<?>[] answers = new CompletableFuture<?>[MESSAGES];
        long dueNanos = System.nanoTime();
        for (int i = 0; i < MESSAGES; i++) {
            answers[i] = client.publishWith()
                    .topic(topic + "/" + i % 50)
                    .payload(String.valueOf(i).getBytes())
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
            if (i % PER_TURN != PER_TURN - 1) continue;
            dueNanos += TURN_NANOS;
            while (System.nanoTime() - dueNanos < 0) LockSupport.parkNanos(dueNanos - System.nanoTime());
        }
        CompletableFuture.allOf(answers).join();
    }
}
