// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import org.jspecify.annotations.Nullable;
import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;
import org.teavm.jso.typedarrays.Uint8Array;

/** What JavaScript gives to a client. */
final class JsClientTypes {
    private JsClientTypes() {}

    /** Takes properties, one by one, before what they belong to is told. Identifiers are those of the standard. */
    public interface PropertySink extends JSObject {
        void number(int identifier, double value);

        void text(int identifier, String value);

        void bytes(int identifier, Uint8Array value);

        void pair(String name, String value);
    }

    /** What comes of a request: reasons and properties, then one of the two others. */
    public interface ClientReply extends PropertySink {
        void reason(int code);

        void done();

        /** @param reason -1: there is none */
        void failed(String kind, int reason, String text);
    }

    /** What a client tells its page, and asks of it. Properties come before the event that they belong to. */
    public interface ClientPage extends PropertySink {
        void open(int connection);

        void send(int connection, Uint8Array bytes);

        void close(int connection);

        void connected(boolean sessionPresent);

        void disconnected(String kind, int reason, String text);

        void reconnecting(int attempt, double delayMillis);

        /** The message that comes next is for this subscription, among others. */
        void matched(int subscription);

        /** @param delivery to be given back by done(); 0: nothing is owed */
        void message(int delivery, String topic, Uint8Array payload, int qos, boolean retain, boolean dup);

        void auth(int reason, @Nullable String method, @Nullable Uint8Array data);

        void subscriptionLost(int subscription, int reason);

        void trouble(String kind, int reason, String text);
    }

    /** What a bridge tells its page, and asks of it. Sides are 0 for the broker of the tab, and 1. */
    public interface BridgePage extends PropertySink {
        void open(int side, int connection);

        void send(int side, int connection, Uint8Array bytes);

        void close(int side, int connection);

        /** @param kind null: it connected */
        void status(int side, String state, @Nullable String kind, int reason, String text);

        void trouble(int side, String kind, int reason, String text);
    }

    /** ClientStore, in JavaScript. */
    public interface Records extends JSObject {
        void put(double number, Uint8Array record);

        void remove(double number);

        void commit(double ticket);
    }

    /** ClientOptions but for properties, all of them there. */
    public interface ClientConfig extends JSObject {
        @JSProperty
        int getVersion();

        @JSProperty
        String getClientId();

        @JSProperty
        boolean isCleanStart();

        @JSProperty
        int getKeepAlive();

        @JSProperty
        @Nullable
        String getUserName();

        @JSProperty
        @Nullable
        Uint8Array getPassword();

        @JSProperty
        boolean isReconnect();

        @JSProperty
        double getInitialDelay();

        @JSProperty
        double getMaxDelay();

        @JSProperty
        double getFactor();

        @JSProperty
        double getJitter();

        @JSProperty
        int getMaxAttempts();

        @JSProperty
        double getStableAfter();

        @JSProperty
        boolean isRetryFirst();

        @JSProperty
        boolean isQueueQoS0();

        @JSProperty
        double getConnectTimeout();

        @JSProperty
        double getPingTimeout();

        @JSProperty
        int getQueueMessages();

        @JSProperty
        double getQueueBytes();

        @JSProperty
        int getInflightMaximum();

        @JSProperty
        int getSubscriptionsMaximum();

        @JSProperty
        int getReceiveMaximum();

        @JSProperty
        int getMaximumPacketSize();

        @JSProperty
        int getTopicAliasMaximum();

        @JSProperty
        int getTopicAliases();
    }
}
