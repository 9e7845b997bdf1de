// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes cross between JavaScript and the compiled core in pieces of 64 KiB: they come as they went, one byte more or less. */
class PayloadsIT {
    @ParameterizedTest
    @ValueSource(strings = {"wasm", "js"})
    void comeAsTheyWentWhateverTheirSize(String runtime) throws IOException {
        try (ModuleFiles files = new ModuleFiles();
                Tab tab = Tab.open()) {
            tab.page().navigate(files.url(ChromiumDoor.PAGE));
            Object said = tab.page()
                    .evaluate(
                            """
                            async runtime => {
                              const { CourtierBroker, CourtierClient, messagePort } = await import('/courtier/courtier.js');
                              const broker = await CourtierBroker.open({ name: 'payloads', store: 'memory', runtime });
                              const client = new CourtierClient({ transport: messagePort(() => broker.createPort()), runtime });
                              await client.connect();
                              const come = (await client.subscribe('payloads', { qos: 1 }))[Symbol.asyncIterator]();
                              const wrong = [];
                              for (const length of [0, 1, 64, 65_535, 65_536, 65_537, 131_072, 300_001]) {
                                const payload = Uint8Array.from({ length }, (_, i) => i * 31 + (i >> 8));
                                await client.publish('payloads', payload, { qos: 1 });
                                const { value } = await come.next();
                                if (value.payload.join() !== payload.join()) wrong.push(length);
                              }
                              await client.end();
                              await broker.close();
                              return `${broker.runtime}: ${wrong}`;
                            }
                            """,
                            runtime);
            assertThat(said).isEqualTo(runtime + ": ");
        }
    }
}
