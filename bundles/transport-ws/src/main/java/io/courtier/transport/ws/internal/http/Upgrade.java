// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.http;

import io.courtier.listener.tls.Handshake;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.TlsInfo;
import io.courtier.transport.ws.internal.WsSettings;
import io.courtier.transport.ws.internal.connection.PromptConnection;
import io.courtier.transport.ws.internal.connection.Reception;
import io.courtier.transport.ws.internal.connection.WsConnection;
import java.net.InetSocketAddress;
import java.security.cert.CertPathValidatorException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.Configuration;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.core.server.WebSocketMappings;
import org.eclipse.jetty.websocket.core.server.WebSocketNegotiator;
import org.jspecify.annotations.Nullable;

/**
 * Makes MQTT connections of requests that ask for it: at the right path, from a page that may, with a subprotocol that is
 * MQTT [MQTT-6.0.0-3]. Without extensions: compressed messages could be bombs, and cost memory for each connection.
 */
final class Upgrade extends Handler.Wrapper {
    /** As much as one read gives, so that one frame of any size is handed on in pieces. */
    private static final int READ_BYTES = 64 * 1024;

    private static final String VERSION = "13";

    private static final List<String> SUBPROTOCOLS = List.of("mqtt", "mqttv3.1");

    private final Reception reception;
    private final WebSocketMappings mappings;

    Upgrade(Reception reception, Executor threads, Handler next) {
        super(next);
        this.reception = reception;
        // With the listener's own threads: there is nothing for others to do.
        WebSocketComponents components = new WebSocketComponents(null, null, null, null, null, threads);
        mappings = new WebSocketMappings(components);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        WsSettings settings = reception.settings();
        boolean upgrades = "websocket".equalsIgnoreCase(request.getHeaders().get(HttpHeader.UPGRADE));
        boolean here = settings.isUpgradePath(Request.getPathInContext(request));
        if (!upgrades) {
            if (here && !settings.path().equals("*")) {
                demand(response, callback, "MQTT clients connect here, by WebSocket. There is no page at this path.");
                return true;
            }
            return super.handle(request, response, callback);
        }
        String origin = request.getHeaders().get(HttpHeader.ORIGIN);
        if (!here) {
            Refusal.say(
                    response, callback, HttpStatus.NOT_FOUND_404, "MQTT clients connect at " + settings.path() + ".");
        } else if (!settings.origins().mayConnect(origin, request.getHeaders().get(HttpHeader.HOST))) {
            reception.counters().refused.increment();
            reception
                    .refusals()
                    .happened("refused a page of " + printable(origin)
                            + ": pages of other origins than the listener's own" + " must be named by origins in "
                            + settings.listener().file());
            Refusal.say(
                    response,
                    callback,
                    HttpStatus.FORBIDDEN_403,
                    "Pages of this origin may not connect here: the listener's key \"origins\" does not name it.");
        } else if (!VERSION.equals(request.getHeaders().get(HttpHeader.SEC_WEBSOCKET_VERSION))) {
            response.getHeaders().put(HttpHeader.SEC_WEBSOCKET_VERSION, VERSION);
            demand(response, callback, "The version of WebSocket here is " + VERSION + ", as RFC 6455 describes it.");
        } else if (!upgrade(request, response, callback)) {
            Refusal.say(
                    response,
                    callback,
                    HttpStatus.BAD_REQUEST_400,
                    "This is no WebSocket upgrade as RFC 6455 describes it.");
        }
        return true;
    }

    private static void demand(Response response, Callback callback, String sentence) {
        response.getHeaders().put(HttpHeader.UPGRADE, "websocket");
        response.getHeaders().put(HttpHeader.CONNECTION, "Upgrade");
        Refusal.say(response, callback, HttpStatus.UPGRADE_REQUIRED_426, sentence);
    }

    private boolean upgrade(Request request, Response response, Callback callback) {
        Negotiation negotiation = new Negotiation(request);
        return mappings.upgrade(negotiation, negotiation, response, callback, null);
    }

    /** One upgrade: says what was agreed on, and puts our connection in the place of Jetty's. */
    private final class Negotiation extends Request.Wrapper implements WebSocketNegotiator {
        private @Nullable WsConnection mqtt;
        private @Nullable WebSocketCoreSession session;

        Negotiation(Request request) {
            super(request);
        }

        @Override
        public @Nullable FrameHandler negotiate(
                ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
            List<String> offered = request.getSubProtocols();
            String chosen =
                    SUBPROTOCOLS.stream().filter(offered::contains).findFirst().orElse(null);
            boolean none = offered.isEmpty() && !reception.settings().subprotocolRequired();
            if (chosen == null && !none) {
                Refusal.say(
                        response,
                        callback,
                        HttpStatus.BAD_REQUEST_400,
                        "MQTT clients offer the WebSocket subprotocol mqtt (or mqttv3.1).");
                return null;
            }
            if (chosen != null) {
                response.setAcceptedSubProtocol(chosen);
            }
            response.setExtensions(List.of());
            ConnectionInfo info = info(request);
            try {
                // Once more: the session may have been resumed, and the lists renewed meanwhile.
                reception.check(info.tls() == null ? List.of() : info.tls().peerCertificates());
            } catch (CertPathValidatorException refusal) {
                reception.sayRefused(refusal);
                Refusal.say(response, callback, HttpStatus.FORBIDDEN_403, "The client certificate is not believed.");
                return null;
            }
            WsConnection connection = reception.connection(info);
            mqtt = connection;
            return connection;
        }

        @Override
        public void customize(Configuration configured) {
            configured.setIdleTimeout(Duration.ZERO);
            configured.setInputBufferSize(READ_BYTES);
            configured.setMaxFrameSize(READ_BYTES);
            configured.setAutoFragment(true);
            session = (WebSocketCoreSession) configured;
        }

        @Override
        public Object setAttribute(String name, Object value) {
            WsConnection connection = mqtt;
            WebSocketCoreSession opened = session;
            if (name.equals(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE) && connection != null && opened != null) {
                return super.setAttribute(name, prompt(connection, opened));
            }
            return super.setAttribute(name, value);
        }

        private PromptConnection prompt(WsConnection connection, WebSocketCoreSession opened) {
            Connector connector = getConnectionMetaData().getConnector();
            PromptConnection prompt = new PromptConnection(
                    getConnectionMetaData().getConnection().getEndPoint(),
                    connector.getExecutor(),
                    connector.getScheduler(),
                    connector.getByteBufferPool(),
                    opened,
                    connection);
            opened.setWebSocketConnection(prompt);
            connector.getEventListeners().forEach(prompt::addEventListener);
            return prompt;
        }
    }

    private ConnectionInfo info(Request request) {
        WsSettings settings = reception.settings();
        InetSocketAddress client = ClientAddress.of(request, settings.forwarders());
        TlsInfo tls = handshake(request.getConnectionMetaData().getConnection().getEndPoint());
        return new ConnectionInfo(
                reception.listener(),
                tls == null ? "ws" : "wss",
                client.isUnresolved()
                        ? client.getHostString()
                        : client.getAddress().getHostAddress(),
                client.getPort(),
                settings.listener().anonymousAllowed(),
                tls);
    }

    private @Nullable TlsInfo handshake(EndPoint endPoint) {
        return endPoint instanceof SslConnection.SslEndPoint secured
                ? Handshake.info(secured.getSslConnection().getSSLEngine().getSession(), reception.authorities())
                : null;
    }

    /** For the log: short, and without what would begin another line. */
    private static String printable(@Nullable String origin) {
        String text = String.valueOf(origin).replaceAll("[^ -~]", "?");
        return text.length() <= 100 ? text : text.substring(0, 100) + "...";
    }
}
