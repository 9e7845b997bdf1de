// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.http;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The pages that may connect. Those that came from here always may; what sends no Origin is no browser and is judged by
 * its credentials alone.
 */
public final class Origins {
    /** A scheme, a host and perhaps a port, and nothing more. Not by java.net.URI, which knows no host with an underscore. */
    private static final Pattern FORM =
            Pattern.compile("(https?)://([a-z0-9._-]+|\\[[0-9a-f:.]+])(?::([0-9]{1,5}))?", Pattern.CASE_INSENSITIVE);

    private record Page(String scheme, String host, int port) {}

    private final Set<Page> allowed = new HashSet<>();
    private boolean all;
    private boolean opaque;

    private Origins() {}

    /** IllegalArgumentException, naming the entry, for what is no origin. */
    public static Origins of(List<String> configured) {
        Origins origins = new Origins();
        for (String entry : configured) {
            Page page = page(entry);
            if (entry.equals("*")) {
                origins.all = true;
            } else if (entry.equals("null")) {
                origins.opaque = true;
            } else if (page != null) {
                origins.allowed.add(page);
            } else {
                throw new IllegalArgumentException(entry);
            }
        }
        return origins;
    }

    /**
     * @param origin the field Origin, null where there is none
     * @param host the field Host
     */
    public boolean mayConnect(@Nullable String origin, @Nullable String host) {
        if (origin == null || all || opaque && origin.equals("null")) {
            return true;
        }
        Page page = page(origin);
        // The scheme may differ: TLS may end in front of us.
        return page != null && (allowed.contains(page) || page.equals(page(page.scheme() + "://" + host)));
    }

    private static @Nullable Page page(String origin) {
        Matcher form = FORM.matcher(origin);
        if (!form.matches()) {
            return null;
        }
        String scheme = form.group(1).toLowerCase(Locale.ROOT);
        String port = form.group(3);
        int implied = scheme.equals("https") ? 443 : 80;
        return new Page(
                scheme, form.group(2).toLowerCase(Locale.ROOT), port == null ? implied : Integer.parseInt(port));
    }
}
