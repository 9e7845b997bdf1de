// SPDX-License-Identifier: Apache-2.0
package io.courtier.webclient.internal;

import io.courtier.spi.web.WebContent;
import java.nio.file.Path;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The broker and the client for pages, as a module that they import: {@code /courtier/courtier.js}. */
@Component
public final class CourtierModule implements WebContent {
    private final Path root;

    @Activate
    public CourtierModule(@Reference WebFiles files) {
        root = files.named("courtier");
    }

    @Override
    public String name() {
        return "courtier";
    }

    @Override
    public String path() {
        return "/courtier/";
    }

    @Override
    public Path root() {
        return root;
    }

    @Override
    public Map<String, String> headers() {
        return PageHeaders.WITH_WASM;
    }
}
