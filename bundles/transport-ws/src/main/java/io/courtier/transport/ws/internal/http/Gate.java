// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.http;

import io.courtier.transport.ws.internal.connection.Reception;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The first look at a request: whether a browser that sends it believes that we are somebody else. An upgrade without
 * Origin comes from no browser, so nobody rebinds its names.
 */
final class Gate extends Handler.Wrapper {
    private final Reception reception;
    private final Patience patience;

    Gate(Reception reception, Patience patience, Handler next) {
        super(next);
        this.reception = reception;
        this.patience = patience;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        patience.requested(request);
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        if (request.getConnectionMetaData().getConnector() instanceof ListeningPort port && port.isShut()) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
            Refusal.say(response, callback, HttpStatus.SERVICE_UNAVAILABLE_503, null);
            return true;
        }
        boolean browser = request.getHeaders().get(HttpHeader.UPGRADE) == null
                || request.getHeaders().get(HttpHeader.ORIGIN) != null;
        if (browser && !reception.settings().hosts().answersTo(Request.getServerName(request))) {
            reception.counters().refused.increment();
            Refusal.say(
                    response,
                    callback,
                    HttpStatus.MISDIRECTED_REQUEST_421,
                    "This listener does not answer to that name. If it should, add the name to \"hosts\" in "
                            + reception.settings().listener().file() + ".");
            return true;
        }
        return super.handle(request, response, callback);
    }
}
