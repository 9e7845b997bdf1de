// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.content;

import java.io.IOException;
import java.nio.file.Path;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MimeTypes;
import org.eclipse.jetty.http.content.HttpContent;
import org.eclipse.jetty.http.content.ResourceHttpContentFactory;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.util.resource.Resource;
import org.jspecify.annotations.Nullable;

/** The files of one mount: none that is hidden, none that a link leads to outside, each with a tag of its contents. */
final class MountedFiles implements HttpContent.Factory {
    private final Mount mount;
    private final Path realRoot;
    private final HttpContent.Factory files;
    private final ContentTags tags;

    /** @param base the folder of the mount; of a single file, the folder it is in */
    MountedFiles(Mount mount, Resource base, MimeTypes types, ByteBufferPool.Sized buffers, ContentTags tags)
            throws IOException {
        this.mount = mount;
        this.tags = tags;
        realRoot = base.getPath().toRealPath();
        files = new ResourceHttpContentFactory(base, types, buffers);
    }

    /** Null, which becomes 404, for what is not to be served. */
    @Override
    public @Nullable HttpContent getContent(String path) throws IOException {
        String inside = inside(path);
        if (inside == null || isHidden(inside)) {
            return null;
        }
        HttpContent content = files.getContent(inside);
        if (content == null) {
            return null;
        }
        Path file = content.getResource().getPath();
        if (file == null || !file.toRealPath().startsWith(realRoot)) {
            return null;
        }
        return content.getResource().isDirectory() ? content : new Tagged(content, tags.of(file));
    }

    private @Nullable String inside(String path) {
        if (mount.isFolder()) {
            return path.startsWith(mount.path()) ? path.substring(mount.path().length() - 1) : null;
        }
        // The file itself, and what its compressed forms add.
        return path.startsWith(mount.path())
                ? "/" + mount.root().getFileName() + path.substring(mount.path().length())
                : null;
    }

    private static boolean isHidden(String path) {
        return path.contains("/.");
    }

    private static final class Tagged extends HttpContent.Wrapper {
        private final HttpField tag;

        Tagged(HttpContent content, String tag) {
            super(content);
            this.tag = new HttpField(HttpHeader.ETAG, tag);
        }

        @Override
        public HttpField getETag() {
            return tag;
        }
    }
}
