// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.clients.Lane;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The texts on the port of the channels' worker, said by hand: the seed's protocol, and what is no such thing. */
@ExtendWith(LabList.Passed.class)
@ResourceLock(Lane.PAGES)
class SharedWorkerProtocolIT {
    @RegisterExtension
    static final Lab LAB = new Lab();

    private ChannelTab raw;

    @BeforeEach
    void open() {
        raw = ChannelTab.open(LAB.tab().page(), LAB.port());
        raw.run(
                """
                client.disconnect();
                const worker = new SharedWorker('/lab/shared-worker/worker.js', { type: 'module', name: 'by hand' });
                worker.port.onmessage = ({ data }) => got.push(data);
                window.post = data => worker.port.postMessage(data);
                window.say = text => worker.port.postMessage(typeof text === 'string' ? text : JSON.stringify(text));
                """);
    }

    /** Says these, and gives what is said back when as much has come as is expected. */
    private String answers(int count, String... requests) {
        for (String request : requests) raw.page().evaluate("text => say(text)", request);
        raw.until("got.length >= " + count);
        return (String) raw.run("return got.splice(0).join('\\n');");
    }

    @Test
    @DisplayName("SW-6: requests and responses are those of the seed; what nobody asked for has no request id")
    void speaksTheSeedsProtocol() {
        assertThat(answers(
                        5,
                        "{\"type\":\"get\",\"clientId\":\"c\",\"channel\":\"a\",\"requestId\":1}",
                        "{\"type\":\"subscribe\",\"clientId\":\"c\",\"channel\":\"a\",\"requestId\":2}",
                        "{\"type\":\"publish\",\"clientId\":\"c\",\"channel\":\"a\",\"data\":{\"x\":[1]},\"requestId\":3}",
                        "{\"type\":\"get\",\"clientId\":\"c\",\"channel\":\"a\",\"requestId\":4}"))
                .contains("{\"type\":\"error\",\"error\":\"channel not found\",\"requestId\":1}")
                .contains("{\"type\":\"subscribed\",\"channel\":\"a\",\"requestId\":2}")
                .contains("{\"type\":\"data\",\"channel\":\"a\",\"data\":{\"x\":[1]}}")
                .contains("{\"type\":\"published\",\"channel\":\"a\",\"requestId\":3}")
                .contains("{\"type\":\"data\",\"channel\":\"a\",\"data\":{\"x\":[1]},\"requestId\":4}");
        assertThat(answers(1, "{\"type\":\"unsubscribe\",\"clientId\":\"c\",\"channel\":\"a\",\"requestId\":5}"))
                .isEqualTo("{\"type\":\"unsubscribed\",\"channel\":\"a\",\"requestId\":5}");
        assertThat(answers(1, "{\"type\":\"inspect\",\"clientId\":\"c\",\"requestId\":6}"))
                .startsWith("{\"type\":\"data\",\"data\":{\"clients\":1,\"bytes\":9,")
                .endsWith("\"channels\":[{\"channel\":\"a\",\"subscribers\":0,\"bytes\":9}]},\"requestId\":6}");
    }

    @Test
    @DisplayName("SW-7: nonsense is answered with an error, and the worker goes on")
    void survivesNonsense() {
        assertThat(answers(
                                7,
                                "{\"type\":\"dance\",\"channel\":\"a\",\"requestId\":1}",
                                "no JSON",
                                "null",
                                "{\"type\":\"subscribe\",\"channel\":7,\"requestId\":2}",
                                "{\"type\":\"publish\",\"channel\":\"a\",\"requestId\":3}",
                                "{\"type\":{\"toString\":1},\"channel\":\"a\",\"requestId\":\"x\"}",
                                "{\"type\":\"publish\",\"channel\":\"a\",\"data\":1,\"ttl\":-1,\"requestId\":4}")
                        .lines()
                        .sorted())
                .containsExactlyInAnyOrder(
                        "{\"type\":\"error\",\"error\":\"unknown message type\",\"requestId\":1}",
                        "{\"type\":\"error\",\"error\":\"not JSON, or no object\"}",
                        "{\"type\":\"error\",\"error\":\"not JSON, or no object\"}",
                        "{\"type\":\"error\",\"error\":\"channel is not a string\",\"requestId\":2}",
                        "{\"type\":\"error\",\"error\":\"data is missing\",\"requestId\":3}",
                        "{\"type\":\"error\",\"error\":\"unknown message type\"}",
                        "{\"type\":\"error\",\"error\":\"ttl is not a number of seconds\",\"requestId\":4}");
        raw.run("say({ type: 'open', options: 7 }); say([]); say('{\"type\":\"open\"'); say('{\"type\":\"lock\"}');");
        raw.page()
                .evaluate(
                        "() => { for (const odd of [1, null, undefined, new Uint8Array(3), { type: 'mqtt' }]) post(odd); }");
        raw.run("got.length = 0;");
        answers(1, "{\"type\":\"publish\",\"channel\":\"alive\",\"data\":1,\"requestId\":9}");
        assertThat(raw.json("make(undefined, { name: undefined }).state")).isEqualTo("\"connecting\"");
    }

    @Test
    @DisplayName("SW-7: every name of a channel is as good as any other, unless it is too long")
    void takesAnyName() {
        assertThat(
                        raw.run(
                                """
                        client = make();
                        const names = ['', '#', '+', '/', '//', 'a/b', '__proto__', 'constructor', '$x', '$SYS/x', '$share/g/t', 'a%23', '%',
                            '%25', '\\u0000', '\\ud800', '\\udc00\\ud800', 'über/✓', '\\ufeff', '\\uffff', 'a'.repeat(60_000)];
                        for (const name of names) await client.publish(name, { name });
                        const wrong = [];
                        for (const name of names) if ((await client.get(name)).name !== name) wrong.push(name);
                        const refused = [];
                        for (const name of ['a'.repeat(65_536), 'a/'.repeat(200)]) {
                            refused.push(await client.publish(name, 1).catch(error => error.message));
                        }
                        return [wrong.length, (await client.inspect()).channels.length === names.length, ...refused].join(', ');
                        """))
                .isEqualTo(
                        "0, true, channel name too long: more than 65535 bytes, channel name too deep: more than 128 levels");
        assertThat(raw.json("Object.prototype.name")).isEqualTo("undefined");
    }

    @Test
    @DisplayName("SW-8: subscribing twice delivers once")
    void deliversOnceToWhoSubscribedTwice() {
        answers(
                2,
                "{\"type\":\"subscribe\",\"clientId\":\"c\",\"channel\":\"twice\",\"requestId\":1}",
                "{\"type\":\"subscribe\",\"clientId\":\"c\",\"channel\":\"twice\",\"requestId\":2}");
        assertThat(answers(
                                2,
                                "{\"type\":\"publish\",\"clientId\":\"c\",\"channel\":\"twice\",\"data\":1,\"requestId\":3}")
                        .lines())
                .containsExactlyInAnyOrder(
                        "{\"type\":\"data\",\"channel\":\"twice\",\"data\":1}",
                        "{\"type\":\"published\",\"channel\":\"twice\",\"requestId\":3}");
    }
}
