// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** A connected client of a library that we did not write. */
interface Visitor extends AutoCloseable {
    /** What CONNACK said at the first connect. */
    boolean sessionPresent();

    boolean isConnected();

    /** Gives the reason code of SUBACK: the granted QoS, or 0x80 and above. */
    int subscribe(String filter, int qos) throws Exception;

    void unsubscribe(String filter) throws Exception;

    /** Sends in the order of the calls; done when acknowledged as its QoS asks. May wait for its turn. */
    CompletableFuture<?> send(String topic, byte[] payload, int qos, boolean retain) throws Exception;

    default void publish(String topic, byte[] payload, int qos, boolean retain) throws Exception {
        send(topic, payload, qos, retain).get(Patience.LIMIT.toSeconds(), java.util.concurrent.TimeUnit.SECONDS);
    }

    default void publish(String topic, String text, int qos) throws Exception {
        publish(topic, text.getBytes(StandardCharsets.UTF_8), qos, false);
    }

    Inbox inbox();

    /** Says DISCONNECT. */
    void disconnect() throws Exception;

    /** Leaves nothing behind in this process; says DISCONNECT if it still can. */
    @Override
    void close();
}
