// SPDX-License-Identifier: Apache-2.0
package io.courtier.webclient.internal;

import java.util.Map;

/** Header fields of our pages, of their workers and of what those load. */
final class PageHeaders {
    static final Map<String, String> WITHOUT_WASM = with("script-src 'self'");

    /** Compiling WebAssembly wants a word of its own; it does not let texts become code. */
    static final Map<String, String> WITH_WASM = with("script-src 'self' 'wasm-unsafe-eval'");

    /** The same, and a service worker of the lab may serve all of it. */
    static final Map<String, String> LAB = new java.util.TreeMap<>(WITH_WASM);

    static {
        LAB.put("Service-Worker-Allowed", "/lab/");
    }

    private PageHeaders() {}

    /**
     * They run only what came with them, and talk to any broker: that is what they are for. The one Trusted Types policy makes
     * the addresses of their own workers; no string becomes a script or markup.
     */
    private static Map<String, String> with(String scripts) {
        String policy = String.join(
                "; ",
                "default-src 'none'",
                scripts,
                "style-src 'self'",
                "img-src 'self' data:",
                "connect-src 'self' ws: wss:",
                "worker-src 'self'",
                "manifest-src 'self'",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
                "require-trusted-types-for 'script'",
                "trusted-types courtier");
        return Map.of(
                "Content-Security-Policy", policy,
                "Cross-Origin-Opener-Policy", "same-origin",
                "Permissions-Policy",
                        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
                "Referrer-Policy", "no-referrer",
                "X-Content-Type-Options", "nosniff",
                "X-Frame-Options", "DENY");
    }
}
