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
        return PageHeaders.WITHOUT_WASM;
    }
}
