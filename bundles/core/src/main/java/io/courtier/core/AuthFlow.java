// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.Auth;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.codec.ProtocolException;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.EnhancedAuthenticator.Answer;
import io.courtier.spi.auth.EnhancedAuthenticator.Exchange;
import io.courtier.spi.auth.Principal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Enhanced authentication: an exchange of AUTH packets before CONNACK, and again whenever the client wants to
 * re-authenticate. One object for each client that uses it. [MQTT-4.12.0-2] [MQTT-4.12.1-1]
 */
final class AuthFlow {
    private final ClientConnection connection;
    private final String method;
    private final AuthenticationRequest request;
    private @Nullable Connect connect;
    private final @Nullable String assigned;
    private @Nullable Exchange exchange;
    private boolean answering;

    private AuthFlow(
            ClientConnection connection,
            String method,
            AuthenticationRequest request,
            Connect connect,
            @Nullable String assigned) {
        this.connection = connection;
        this.method = method;
        this.request = request;
        this.connect = connect;
        this.assigned = assigned;
    }

    /** Begins with CONNECT. */
    static void begin(
            ClientConnection connection, Connect connect, @Nullable String assigned, AuthenticationRequest request) {
        String method = connect.properties().string(Property.AUTHENTICATION_METHOD);
        Exchange exchange = method == null ? null : connection.shard.plugins().enhanced(method, request);
        if (method == null || exchange == null) {
            ConnectFlow.refuse(
                    connection,
                    ReasonCode.BAD_AUTHENTICATION_METHOD,
                    "nobody speaks the method " + method); // [MQTT-4.12.0-1]
            return;
        }
        AuthFlow flow = new AuthFlow(connection, method, request, connect, assigned);
        connection.authentication = flow;
        flow.exchange = exchange;
        flow.step(connect.properties().binary(Property.AUTHENTICATION_DATA));
    }

    /** An AUTH came. */
    static void auth(ClientConnection connection) {
        AuthFlow flow = connection.authentication;
        Properties properties = connection.decoder.properties();
        if (flow == null) {
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR, "AUTH without an Authentication Method in CONNECT"); // [MQTT-4.12.0-6]
        }
        if (!flow.method.equals(properties.string(Property.AUTHENTICATION_METHOD))) {
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR, "AUTH with another Authentication Method"); // [MQTT-4.12.0-5]
        }
        ReasonCode reason = connection.decoder.reason();
        boolean again = connection.state == ClientConnection.State.CONNECTED && flow.exchange == null;
        if (again && reason == ReasonCode.REAUTHENTICATE) {
            flow.exchange = connection.shard.plugins().enhanced(flow.method, flow.request);
            if (flow.exchange == null) {
                connection.disconnect(ReasonCode.BAD_AUTHENTICATION_METHOD, "nobody speaks the method any more");
                return;
            }
        } else if (flow.exchange == null || reason != ReasonCode.CONTINUE_AUTHENTICATION || flow.answering) {
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "AUTH out of turn: " + reason.text());
        }
        flow.step(properties.binary(Property.AUTHENTICATION_DATA));
    }

    private void step(byte @Nullable [] data) {
        Exchange stepping = exchange;
        if (stepping == null) return;
        if (connect != null) connection.state = ClientConnection.State.AUTHENTICATING;
        answering = true;
        boolean[] asked = {false};
        stepping.step(data, answer -> {
            if (exchange == stepping && connection.authentication == this) answered(answer, asked[0]);
        });
        asked[0] = true;
        connection.awaitAuthenticator();
    }

    private void answered(Answer answer, boolean waited) {
        answering = false;
        Connect connecting = connect;
        if (answer instanceof Answer.Continue next) {
            connection.send(new Auth(ReasonCode.CONTINUE_AUTHENTICATION, properties(next.data()))); // [MQTT-4.12.0-3]
            if (connecting != null) connection.goOn(ClientConnection.State.EXCHANGING, waited);
        } else if (answer instanceof Answer.Success success) {
            exchange = null;
            if (connecting != null) {
                connect = null;
                ConnectFlow.accept(
                        connection, connecting, assigned, success.principal(), properties(success.data()), waited);
            } else {
                reauthenticated(success.principal(), success.data());
            }
        } else if (answer instanceof Answer.Failure failure) {
            exchange = null;
            if (connecting != null) ConnectFlow.refuse(connection, failure.reason(), failure.why());
            else connection.disconnect(failure.reason(), "re-authentication failed"); // [MQTT-4.12.1-2]
        }
    }

    private void reauthenticated(Principal principal, byte @Nullable [] data) {
        Session session = connection.session();
        // It has the session of that user, and what was queued for that user.
        if (!Objects.equals(principal.userName(), session.principal.userName())) {
            connection.disconnect(ReasonCode.NOT_AUTHORIZED, "it re-authenticated as another user");
            return;
        }
        session.principal = principal;
        session.permit(connection
                .shard
                .plugins()
                .permissions(principal, connection.clientIdentifier, connection.info.listener()));
        connection.forgetDecisions();
        connection.send(new Auth(ReasonCode.SUCCESS, properties(data)));
        connection.superviseExpiry();
    }

    private Properties properties(byte @Nullable [] data) {
        Properties.Builder all = Properties.builder().set(Property.AUTHENTICATION_METHOD, method);
        if (data != null) all.set(Property.AUTHENTICATION_DATA, data);
        return all.build();
    }
}
