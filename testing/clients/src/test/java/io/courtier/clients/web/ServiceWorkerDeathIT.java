// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.sun.net.httpserver.HttpServer;
import io.courtier.clients.House;
import io.courtier.clients.Program;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A service worker that the browser ends by itself, because nobody spoke to it for 30 seconds. A browser that is being debugged
 * lets it live, so this one is not: its page reports by requests. [MP-5] [MP-6]
 */
class ServiceWorkerDeathIT {
    private static final String PAGE =
            """
            <!doctype html><meta charset="utf-8"><script type="module">
            // One after the other, or they may arrive in another order.
            let reported = Promise.resolve();
            const report = text => reported = reported.then(() => fetch('REPORT', { method: 'POST', mode: 'no-cors', body: text }));
            const registration = await navigator.serviceWorker.register('/lab/message-port/service-worker.js', { type: 'module', scope: '/lab/' });
            const worker = registration.installing ?? registration.waiting ?? registration.active;
            while (worker.state !== 'activated') await new Promise(ok => worker.addEventListener('statechange', ok, { once: true }));
            let seen = 0;
            navigator.locks.request('courtier-lab:tab:natural', () => new Promise(() => {}));
            const text = new TextDecoder();
            function connect(resume) {
                const { port1, port2 } = new MessageChannel();
                port1.onmessage = ({ data: { type, data } }) => {
                    if (type === 'CONNECTED') { report('connected ' + data.sessionPresent); if (!resume) port1.postMessage({ type: 'SUBSCRIBE', data: { topic: 'TOPIC', qos: 2 } }); }
                    if (type === 'SUBSCRIBED') report('subscribed');
                    if (type === 'ERROR') report('error ' + data.message);
                    if (type === 'MESSAGE' && data.number > seen) { seen = data.number; report('message ' + text.decode(data.payload)); }
                };
                worker.postMessage({ type: 'CONNECT_TAB', data: { tabId: 'natural', clientId: 'natural', brokerUrl: 'URL', options: { resume, seen } } }, [port2]);
            }
            navigator.serviceWorker.onmessage = ({ data: { type, data } }) => {
                if (type !== 'PONG') return;
                report('pong ' + data.known);
                if (!data.known) connect(true);
            };
            connect(false);
            setTimeout(() => worker.postMessage({ type: 'PING', data: { tabId: 'natural', n: 1 } }), SILENT);
            </script>
            """;

    @TempDir
    Path folder;

    @Test
    void isThereAgainWithAllThatCameMeanwhile() throws Exception {
        String topic = House.unique("natural");
        BlockingQueue<String> reports = new LinkedBlockingQueue<>();
        HttpServer listening = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        listening.createContext("/", exchange -> {
            reports.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        listening.start();
        Path pages = Files.createDirectories(folder.resolve("pages"));
        Instance broker = new Instance(folder.resolve("broker"))
                .with(
                        "io.courtier.listener.ws-probe.cfg",
                        "bind = 127.0.0.1",
                        "port = 0",
                        "content = lab, courtier",
                        "static = " + pages)
                .start();
        try (broker) {
            int port = broker.port("ws-probe");
            Files.writeString(
                    pages.resolve("probe.html"),
                    PAGE.replace(
                                    "REPORT",
                                    "http://127.0.0.1:" + listening.getAddress().getPort() + "/")
                            .replace("TOPIC", topic)
                            .replace("URL", "ws://localhost:" + port + "/mqtt")
                            .replace("SILENT", "36_000"));
            List<String> command = List.of(
                    "/usr/bin/chromium",
                    "--headless=new",
                    "--no-sandbox",
                    "--no-first-run",
                    "--user-data-dir=" + folder.resolve("profile"),
                    "http://localhost:" + port + "/probe.html");
            Mqtt5BlockingClient publisher = MqttClient.builder()
                    .useMqttVersion5()
                    .serverHost("127.0.0.1")
                    .serverPort(broker.port("tcp-default"))
                    .buildBlocking();
            publisher.connect();
            try (Program chromium = Program.start(command)) {
                assertThat(reports.poll(60, TimeUnit.SECONDS)).startsWith("connected");
                assertThat(reports.poll(60, TimeUnit.SECONDS)).isEqualTo("subscribed");
                publish(publisher, topic, "while it lives");
                assertThat(reports.poll(20, TimeUnit.SECONDS)).isEqualTo("message while it lives");
                // Its socket gets a frame all the time, and it is ended all the same.
                for (int i = 1; i <= 100; i++) {
                    publish(publisher, topic, "" + i);
                    long next = System.nanoTime() + 500_000_000;
                    for (long left = 500_000_000; left > 0; left = next - System.nanoTime()) {
                        String report = reports.poll(left, TimeUnit.NANOSECONDS);
                        if (report == null) break;
                        if (report.startsWith("pong")) {
                            assertThat(report).isEqualTo("pong false");
                            collect(reports, i);
                            return;
                        }
                        seen.add(report);
                    }
                }
            } finally {
                publisher.disconnect();
            }
            throw new AssertionError("it never answered the ping: " + seen.size());
        } finally {
            listening.stop(0);
        }
    }

    private final List<String> seen = new java.util.ArrayList<>();

    /** Each came once, in its order, whether the worker lived, was gone or began anew. */
    private void collect(BlockingQueue<String> reports, int last) throws InterruptedException {
        while (seen.stream().noneMatch(("message " + last)::equals)) {
            String next = reports.poll(30, TimeUnit.SECONDS);
            assertThat(next).as("what comes after %s", seen).isNotNull();
            seen.add(next);
        }
        List<String> messages =
                seen.stream().filter(each -> each.startsWith("message")).toList();
        List<String> all = new java.util.ArrayList<>();
        for (int i = 1; i <= last; i++) all.add("message " + i);
        assertThat(messages).isEqualTo(all);
        assertThat(seen).contains("connected true");
        LabList.MP.saw(
                "MP-6 by itself",
                "36 s without a word to it: the browser ended the worker; after a ping its session was there, and %d messages of"
                        + " QoS 2 had each come once, in order",
                last);
    }

    private static void publish(Mqtt5BlockingClient publisher, String topic, String payload) {
        publisher
                .publishWith()
                .topic(topic)
                .qos(MqttQos.EXACTLY_ONCE)
                .payload(payload.getBytes(StandardCharsets.UTF_8))
                .send();
    }
}
