// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.content;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.eclipse.jetty.http.CompressedContentFormat;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MimeTypes;
import org.eclipse.jetty.http.content.HttpContent;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ResourceHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.resource.ResourceFactory;

/** Serves one mount, by Jetty's own handler: ranges, conditions, HEAD, compressed forms. */
final class MountHandler extends ResourceHandler {
    private static final MimeTypes TYPES = types();

    private final Mount mount;
    private final ContentTags tags;

    MountHandler(Mount mount, ContentTags tags) {
        this.mount = mount;
        this.tags = tags;
        Path folder =
                mount.isFolder() ? mount.root() : mount.root().toAbsolutePath().getParent();
        setBaseResource(ResourceFactory.root().newResource(folder));
        setDirAllowed(false);
        setEtags(true);
        setPrecompressedFormats(CompressedContentFormat.BR, CompressedContentFormat.GZIP);
    }

    Mount mount() {
        return mount;
    }

    @Override
    protected HttpContent.Factory newHttpContentFactory(ByteBufferPool.Sized buffers) {
        try {
            return new MountedFiles(mount, getBaseResource(), TYPES, buffers, tags);
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-cache");
        mount.headers().forEach((name, value) -> response.getHeaders().put(name, value));
        return super.handle(request, response, callback);
    }

    private static MimeTypes types() {
        MimeTypes.Mutable types = new MimeTypes.Mutable();
        types.addMimeMapping("js", "text/javascript; charset=utf-8");
        types.addMimeMapping("mjs", "text/javascript; charset=utf-8");
        types.addMimeMapping("css", "text/css; charset=utf-8");
        types.addMimeMapping("html", "text/html; charset=utf-8");
        types.addMimeMapping("htm", "text/html; charset=utf-8");
        types.addMimeMapping("json", "application/json");
        types.addMimeMapping("map", "application/json");
        types.addMimeMapping("wasm", "application/wasm");
        types.addMimeMapping("webmanifest", "application/manifest+json");
        types.addMimeMapping("svg", "image/svg+xml");
        types.addMimeMapping("txt", "text/plain; charset=utf-8");
        return types;
    }
}
