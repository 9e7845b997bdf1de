// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.Auth;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.codec.ProtocolException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Enhanced authentication: what goes back and forth in AUTH until the server is content, before CONNACK or on a connection
 * that there is. The method is that of CONNECT. [MQTT-4.12.0-5]
 */
final class Authentication {
    private final @Nullable String method;
    private final Turn turn;
    private final ClientHost host;
    private @Nullable Reply anew;

    /** @param method null: the server may not ask */
    Authentication(@Nullable String method, Turn turn, ClientHost host) {
        this.method = method;
        this.turn = turn;
        this.host = host;
    }

    /** Answers what the server asked. */
    void respond(Link to, byte @Nullable [] data, Properties properties, long nowNanos) {
        to.send(packet(ReasonCode.CONTINUE_AUTHENTICATION, data, properties));
        to.await(nowNanos);
    }

    /** @param link null: there is no connection */
    void begin(@Nullable Link link, byte @Nullable [] data, Properties properties, Reply reply) {
        if (link == null || !link.v5() || method == null || anew != null) {
            turn.tell(() -> reply.failed(Failure.of(
                    Failure.Kind.INVALID,
                    "it takes a connection of MQTT 5 with an Authentication Method, and one at a time")));
            return;
        }
        anew = reply;
        link.send(packet(ReasonCode.REAUTHENTICATE, data, properties));
    }

    private Auth packet(ReasonCode reason, byte @Nullable [] data, Properties properties) {
        Properties.Builder all = properties.toBuilder();
        if (method != null) all.set(Property.AUTHENTICATION_METHOD, method);
        if (data != null) all.set(Property.AUTHENTICATION_DATA, data);
        return new Auth(reason, all.build());
    }

    /** The server asks, or is content. */
    void came(Auth auth, Link from, long nowNanos) {
        if (auth.reason() == ReasonCode.SUCCESS) {
            Reply reply = anew;
            anew = null;
            if (reply == null) throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "AUTH that nobody waits for");
            turn.tell(() -> reply.done(List.of(ReasonCode.SUCCESS), auth.properties()));
            return;
        }
        if (auth.reason() != ReasonCode.CONTINUE_AUTHENTICATION || method == null) {
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "AUTH that nobody asked for");
        }
        from.await(nowNanos);
        String named = auth.properties().string(Property.AUTHENTICATION_METHOD);
        byte[] data = auth.properties().binary(Property.AUTHENTICATION_DATA);
        turn.tell(() -> host.auth(auth.reason(), named, data, auth.properties()));
    }

    /** The connection is over. */
    void lost(Failure why) {
        Reply reply = anew;
        anew = null;
        if (reply != null) turn.tell(() -> reply.failed(why));
    }
}
