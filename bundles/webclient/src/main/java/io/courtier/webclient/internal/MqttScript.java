// SPDX-License-Identifier: Apache-2.0
package io.courtier.webclient.internal;

import io.courtier.spi.web.WebContent;
import java.nio.file.Path;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** MQTT.js for the pages of others: in one, {@code mqtt.connect()} goes to where the page came from. */
@Component
public final class MqttScript implements WebContent {
    private final Path root;

    @Activate
    public MqttScript(@Reference WebFiles files) {
        root = files.named("mqtt.js");
    }

    @Override
    public String name() {
        return "mqtt.js";
    }

    @Override
    public String path() {
        return "/mqtt.js";
    }

    @Override
    public Path root() {
        return root;
    }

    @Override
    public Map<String, String> headers() {
        return Map.of("X-Content-Type-Options", "nosniff");
    }
}
