// SPDX-License-Identifier: Apache-2.0
package io.courtier.webclient.internal;

import io.courtier.spi.web.WebContent;
import java.nio.file.Path;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Pages on which brokers in tabs and workers are tried out. */
@Component
public final class Lab implements WebContent {
    private final Path root;

    @Activate
    public Lab(@Reference WebFiles files) {
        root = files.named("lab");
    }

    @Override
    public String name() {
        return "lab";
    }

    @Override
    public String path() {
        return "/lab/";
    }

    @Override
    public Path root() {
        return root;
    }

    @Override
    public Map<String, String> headers() {
        return PageHeaders.LAB;
    }
}
