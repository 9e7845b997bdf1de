// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.content;

import io.courtier.spi.web.WebContent;
import java.nio.file.Path;
import java.util.Map;

/**
 * One place where files are served.
 *
 * @param name what the key content calls it
 * @param path with a slash at its end for a folder, without for a file
 */
public record Mount(String name, String path, Path root, Map<String, String> headers) {

    public Mount {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("the path of " + name + " does not begin with a slash: " + path);
        }
        headers = Map.copyOf(headers);
    }

    public static Mount of(WebContent content) {
        return new Mount(content.name(), content.path(), content.root(), content.headers());
    }

    /** A folder of the configuration, at /. What is in it is its owner's: no policy of ours. */
    public static Mount folder(Path root) {
        return new Mount("static", "/", root, Map.of());
    }

    boolean isFolder() {
        return path.endsWith("/");
    }

    boolean covers(String requested) {
        return isFolder() ? requested.startsWith(path) || requested.concat("/").equals(path) : requested.equals(path);
    }
}
