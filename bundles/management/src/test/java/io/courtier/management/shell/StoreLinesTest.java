// SPDX-License-Identifier: Apache-2.0
package io.courtier.management.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.QoS;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicName;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.StoreOperations;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoreLinesTest {
    private static final ApplicationMessage MESSAGE = new ApplicationMessage(
            TopicName.of("a/b"),
            new byte[] {0, 1, (byte) 0xFF},
            QoS.EXACTLY_ONCE,
            true,
            Properties.builder().set(Property.CONTENT_TYPE, "x").build(),
            "publisher",
            17_000);

    /** Takes what is read, as text. */
    private static List<String> read(String text) throws IOException {
        List<String> found = new ArrayList<>();
        StoreLines.read(new BufferedReader(new StringReader(text)), new StoreOperations.Exported() {
            @Override
            public void session(long position, SessionRecord record) {
                found.add(position + " " + record);
            }

            @Override
            public void retained(ApplicationMessage message) {
                found.add(message + " " + message.properties() + " " + message.expiresAtMillis());
            }
        });
        return found;
    }

    @Test
    void readsWhatItWrote() throws IOException {
        StringWriter text = new StringWriter();
        StoreLines lines = new StoreLines(text);
        List<SessionRecord> records = List.of(
                new SessionRecord.Started("client \"x\"\n"),
                new SessionRecord.Connected(7, null, 60, null),
                new SessionRecord.Subscribed(7, "t/#", SubscriptionOptions.of(QoS.AT_LEAST_ONCE), 5),
                new SessionRecord.Queued(7, 9, 1, 100, 1, false, null, null));
        List<String> expected = new ArrayList<>();
        for (SessionRecord record : records) {
            lines.session(7, record);
            expected.add("7 " + record);
        }
        lines.retained(MESSAGE);
        expected.add(MESSAGE + " " + MESSAGE.properties() + " 17000");
        assertThat(text.toString().lines()).hasSize(5).allMatch(line -> line.startsWith("{\"type\":"));
        assertThat(lines.lines()).isEqualTo(5);
        assertThat(read(text.toString())).isEqualTo(expected);
    }

    @Test
    void namesTheLineThatIsWrong() throws IOException {
        StringWriter text = new StringWriter();
        new StoreLines(text).retained(MESSAGE);
        for (String wrong :
                List.of("{", "[]", "{\"type\":\"Started\"}", "{\"type\":\"X\",\"position\":1,\"record\":\"/w==\"}")) {
            assertThatThrownBy(() -> read(text + wrong))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("line 2");
        }
    }
}
