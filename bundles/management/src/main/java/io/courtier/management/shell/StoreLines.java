// SPDX-License-Identifier: Apache-2.0
package io.courtier.management.shell;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.MalformedPacketException;
import io.courtier.protocol.codec.StoredMessages;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.SessionRecords;
import io.courtier.spi.store.StoreOperations;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.util.Arrays;
import java.util.Base64;

/**
 * What stores export, as JSON: a line for each record. {@code record} is the record itself, in the form in which stores keep
 * it, and all that is read again; the other members are for people and their tools.
 */
final class StoreLines implements StoreOperations.Exported {
    private static final String RETAINED = "Retained";

    private final Writer to;
    private long lines;

    StoreLines(Writer to) {
        this.to = to;
    }

    long lines() {
        return lines;
    }

    @Override
    public void session(long position, SessionRecord record) throws IOException {
        JsonObject line = new JsonObject();
        line.addProperty("type", record.getClass().getSimpleName());
        line.addProperty("position", position);
        if (record instanceof SessionRecord.Started started) {
            line.addProperty("clientIdentifier", started.clientIdentifier());
        } else if (record instanceof SessionRecord.Connected connected) {
            line.addProperty("session", connected.session());
            line.addProperty("userName", connected.userName());
            line.addProperty("expirySeconds", connected.expirySeconds());
        } else if (record instanceof SessionRecord.Subscribed subscribed) {
            line.addProperty("session", subscribed.session());
            line.addProperty("topicFilter", subscribed.topicFilter());
            line.addProperty("qos", subscribed.options().maximumQoS().value());
        } else if (record instanceof SessionRecord.Queued queued) {
            line.addProperty("session", queued.session());
            line.addProperty("message", queued.message());
            line.addProperty("qos", queued.qos());
        } else if (record instanceof SessionRecord.Stored stored) {
            describe(stored.message(), line);
        }
        ByteBuilder bytes = new ByteBuilder(256);
        SessionRecords.write(record, bytes);
        write(line, bytes);
    }

    @Override
    public void retained(ApplicationMessage message) throws IOException {
        JsonObject line = new JsonObject();
        line.addProperty("type", RETAINED);
        describe(message, line);
        ByteBuilder bytes = new ByteBuilder(256);
        StoredMessages.write(message, bytes);
        write(line, bytes);
    }

    private static void describe(ApplicationMessage message, JsonObject line) {
        line.addProperty("topic", message.topic().toString());
        line.addProperty("qos", message.qos().value());
        line.addProperty("payload", Base64.getEncoder().encodeToString(message.payload()));
    }

    private void write(JsonObject line, ByteBuilder record) throws IOException {
        byte[] bytes = Arrays.copyOf(record.array(), record.length());
        line.addProperty("record", Base64.getEncoder().encodeToString(bytes));
        to.write(line.toString());
        to.write('\n');
        lines++;
    }

    /** Reads what was written. IllegalArgumentException says what is wrong with which line. */
    static void read(BufferedReader from, StoreOperations.Exported to) throws IOException {
        String text;
        for (int number = 1; (text = from.readLine()) != null; number++) {
            if (text.isBlank()) continue;
            try {
                JsonObject line = JsonParser.parseString(text).getAsJsonObject();
                byte[] record = Base64.getDecoder().decode(line.get("record").getAsString());
                if (RETAINED.equals(line.get("type").getAsString())) {
                    to.retained(StoredMessages.read(record, 0, record.length, null));
                } else {
                    to.session(line.get("position").getAsLong(), SessionRecords.read(record, 0, record.length));
                }
            } catch (JsonParseException
                    | MalformedPacketException
                    | IllegalStateException
                    | IllegalArgumentException
                    | NullPointerException e) {
                throw new IllegalArgumentException(
                        "line " + number + " is not what was exported: " + e.getMessage(), e);
            }
        }
    }
}
