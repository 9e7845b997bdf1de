// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The pages that may connect. Those that came from here always may; what sends no Origin is no browser and is judged by
 * its credentials alone.
 */
public final class Origins {
    private final Set<String> allowed = new HashSet<>();

    private Origins() {}

    /** IllegalArgumentException, naming the entry, for what is no origin. */
    public static Origins of(List<String> configured) {
        Origins origins = new Origins();
        for (String entry : configured) {
            if (!entry.equals("*") && !entry.equals("null") && authority(entry) == null) {
                throw new IllegalArgumentException(entry);
            }
            origins.allowed.add(normal(entry));
        }
        return origins;
    }

    /**
     * @param origin the field Origin, null where there is none
     * @param host the field Host
     */
    public boolean mayConnect(@Nullable String origin, @Nullable String host) {
        if (origin == null || allowed.contains("*") || allowed.contains(normal(origin))) {
            return true;
        }
        URI page = authority(origin);
        return page != null && host != null && isSame(page, host);
    }

    /** Whether host and port are equal. The scheme may differ: TLS may end in front of us. */
    private static boolean isSame(URI page, String host) {
        URI here;
        try {
            here = new URI(page.getScheme() + "://" + host);
        } catch (URISyntaxException nonsense) {
            return false;
        }
        return here.getHost() != null && here.getHost().equalsIgnoreCase(page.getHost()) && port(here) == port(page);
    }

    private static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    private static String normal(String origin) {
        URI page = authority(origin);
        return page == null
                ? origin
                : page.getScheme().toLowerCase(Locale.ROOT) + "://"
                        + page.getHost().toLowerCase(Locale.ROOT) + ":" + port(page);
    }

    /** Null for what is not a scheme, a host and perhaps a port, and nothing more. */
    private static @Nullable URI authority(String origin) {
        try {
            URI uri = new URI(origin);
            boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            boolean bare = uri.getRawUserInfo() == null
                    && (uri.getRawPath() == null || uri.getRawPath().isEmpty())
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null;
            return web && bare && uri.getHost() != null ? uri : null;
        } catch (URISyntaxException nonsense) {
            return null;
        }
    }
}
