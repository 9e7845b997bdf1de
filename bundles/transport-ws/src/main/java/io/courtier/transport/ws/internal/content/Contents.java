// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.content;

import io.courtier.transport.ws.internal.connection.Reception;
import io.courtier.transport.ws.internal.http.Refusal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** All mounts of one listener. The longest path answers; of two with the same path the first that was given. */
public final class Contents extends Handler.Abstract {
    private final ContentTags tags = new ContentTags();
    private volatile List<MountHandler> mounts = List.of();

    /** From now on these. Requests that are being answered end as they began. Any thread, one at a time. */
    public void serve(List<Mount> wanted) {
        List<MountHandler> before = mounts;
        List<MountHandler> next = new ArrayList<>();
        for (Mount mount : wanted) {
            MountHandler same = before.stream()
                    .filter(old -> old.mount().equals(mount))
                    .findFirst()
                    .orElse(null);
            if (same != null) {
                next.add(same);
                continue;
            }
            try {
                MountHandler handler = new MountHandler(mount, tags);
                handler.setServer(getServer());
                handler.start();
                next.add(handler);
            } catch (Exception unusable) {
                Reception.LOG.error("content {} is not served: {}", mount.name(), unusable.toString());
            }
        }
        next.sort(Comparator.comparingInt(handler -> -handler.mount().path().length()));
        mounts = List.copyOf(next);
    }

    /** Whether something is served at /. */
    public boolean hasPage() {
        return mounts.stream().anyMatch(handler -> handler.mount().path().equals("/"));
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (!HttpMethod.GET.is(request.getMethod()) && !HttpMethod.HEAD.is(request.getMethod())) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            Refusal.say(response, callback, HttpStatus.METHOD_NOT_ALLOWED_405, null);
            return true;
        }
        String path = Request.getPathInContext(request);
        for (MountHandler mount : mounts) {
            if (mount.mount().covers(path) && mount.handle(request, response, callback)) {
                return true;
            }
        }
        Refusal.say(response, callback, HttpStatus.NOT_FOUND_404, null);
        return true;
    }
}
