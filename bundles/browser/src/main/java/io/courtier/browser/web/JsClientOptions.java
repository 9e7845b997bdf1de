// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import io.courtier.browser.client.Client;
import io.courtier.browser.client.ClientOptions;
import io.courtier.protocol.Connect;
import io.courtier.protocol.ProtocolVersion;
import org.teavm.jso.typedarrays.Uint8Array;

/** What JavaScript wants of a client or a bridge, in Java. */
final class JsClientOptions {
    private JsClientOptions() {}

    /** @param given the will, and properties that are those of CONNECT */
    static ClientOptions of(JsClientTypes.ClientConfig config, JsGiven given) {
        ProtocolVersion version =
                switch (config.getVersion()) {
                    case 3 -> ProtocolVersion.V3_1;
                    case 4 -> ProtocolVersion.V3_1_1;
                    case 5 -> ProtocolVersion.V5;
                    default -> throw new IllegalArgumentException("no version " + config.getVersion());
                };
        Uint8Array password = config.getPassword();
        Connect connect = new Connect(
                version,
                config.getClientId(),
                config.isCleanStart(),
                config.getKeepAlive(),
                given.will(),
                config.getUserName(),
                password == null ? null : Bytes.toJava(password),
                given.take());
        ClientOptions.BackOff backOff = new ClientOptions.BackOff(
                config.isReconnect(),
                (long) config.getInitialDelay(),
                (long) config.getMaxDelay(),
                config.getFactor(),
                config.getJitter(),
                config.getMaxAttempts(),
                (long) config.getStableAfter());
        ClientOptions.Bounds bounds = new ClientOptions.Bounds(
                (long) config.getConnectTimeout(),
                (long) config.getPingTimeout(),
                config.getQueueMessages(),
                (long) config.getQueueBytes(),
                config.getInflightMaximum(),
                config.getSubscriptionsMaximum(),
                config.getReceiveMaximum(),
                config.getMaximumPacketSize(),
                config.getTopicAliasMaximum(),
                config.getTopicAliases());
        return new ClientOptions(connect, backOff, bounds, config.isRetryFirst(), config.isQueueQoS0());
    }

    static String name(Client.State state) {
        return switch (state) {
            case DISCONNECTED -> "disconnected";
            case CONNECTING -> "connecting";
            case CONNECTED -> "connected";
            case RECONNECTING -> "reconnecting";
            case ENDED -> "ended";
        };
    }
}
