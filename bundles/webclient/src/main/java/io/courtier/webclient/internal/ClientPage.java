// SPDX-License-Identifier: Apache-2.0
package io.courtier.webclient.internal;

import io.courtier.spi.web.WebContent;
import java.nio.file.Path;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The page at which a person connects, subscribes and publishes. */
@Component
public final class ClientPage implements WebContent {
    /**
     * It runs only what came with it, and talks to any broker: that is what it is for. The one Trusted Types policy makes
     * the address of its own worker; no string becomes a script or markup.
     */
    static final String POLICY = String.join(
            "; ",
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self' ws: wss:",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types courtier");

    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy", POLICY,
            "Cross-Origin-Opener-Policy", "same-origin",
            "Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
            "Referrer-Policy", "no-referrer",
            "X-Content-Type-Options", "nosniff",
            "X-Frame-Options", "DENY");

    private final Path root;

    @Activate
    public ClientPage(@Reference WebFiles files) {
        root = files.named("client");
    }

    @Override
    public String name() {
        return "client";
    }

    @Override
    public String path() {
        return "/";
    }

    @Override
    public Path root() {
        return root;
    }

    @Override
    public Map<String, String> headers() {
        return HEADERS;
    }
}
