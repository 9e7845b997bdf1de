// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.web;

import java.nio.file.Path;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A folder of static files that a bundle brings. Registered as a service; each HTTP listener whose {@code content} names it
 * serves it from then on, until the service goes. Nothing of it changes while it is registered. Asked on any thread.
 */
@ConsumerType
public interface WebContent {
    /** What the key {@code content} of a listener calls it: {@code client}. Of two with one name the higher ranked is served. */
    String name();

    /**
     * The path it is served at: {@code /} for all that nothing else answers, {@code /lab/} for a folder, {@code /mqtt.js}
     * for one file. Begins with a slash.
     */
    String path();

    /**
     * The folder, or the file where {@link #path} does not end with a slash. Of a folder, {@code index.html} answers for the
     * folder itself; hidden files and links that lead out are not served. {@code app.js.br} and {@code app.js.gz} beside
     * {@code app.js} are sent to those who take them, instead of it.
     */
    Path root();

    /**
     * Header fields of each response, such as {@code Content-Security-Policy}. Without {@code Cache-Control} it is
     * {@code no-cache}: kept by the browser, and asked for each time whether it changed.
     */
    Map<String, String> headers();
}
