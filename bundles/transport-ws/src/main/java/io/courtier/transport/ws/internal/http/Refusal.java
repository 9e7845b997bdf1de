// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.http;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Says no in plain text, and nothing about what says it. */
public final class Refusal extends ErrorHandler {
    Refusal() {
        setShowCauses(false);
        setShowStacks(false);
    }

    /** Jetty's own errors, and 304, which Jetty takes for one. */
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (response.getStatus() < HttpStatus.BAD_REQUEST_400) {
            response.write(true, BufferUtil.EMPTY_BUFFER, callback);
            return true;
        }
        say(response, callback, response.getStatus(), null);
        return true;
    }

    /** @param sentence what to do about it, null for the name of the status alone */
    public static void say(Response response, Callback callback, int status, @Nullable String sentence) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        // Requests that Jetty refuses itself never came to the gate.
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        String text = sentence == null ? HttpStatus.getMessage(status) : sentence;
        Content.Sink.write(response, true, text + "\n", callback);
    }
}
