// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal;

import io.courtier.listener.CannotOpen;
import io.courtier.listener.ListenerSettings;
import io.courtier.listener.SettingsReader;
import io.courtier.listener.TrustedProxies;
import io.courtier.listener.tls.TlsSettings;
import io.courtier.transport.ws.internal.http.Hosts;
import io.courtier.transport.ws.internal.http.Origins;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one configuration file says, checked.
 *
 * @param path where clients upgrade, {@code *} for anywhere
 * @param messageBytesMax of one WebSocket message, however many frames it comes in
 * @param forwarders the reverse proxies whose X-Forwarded-For is believed
 * @param content the names of bundles' content, {@code *} for all
 * @param folder served at /, null for none
 */
public record WsSettings(
        ListenerSettings listener,
        String path,
        boolean subprotocolRequired,
        int messageBytesMax,
        Hosts hosts,
        Origins origins,
        TrustedProxies forwarders,
        List<String> content,
        @Nullable Path folder) {

    /** MQTT.js, as bundles provide it. */
    private static final String MQTT_JS = "mqtt.js";

    static WsSettings read(SettingsReader reader) throws CannotOpen {
        TrustedProxies forwarders = reader.networks("forwarded.from");
        ListenerSettings listener = reader.listener(forwarders);
        TlsSettings tls = listener.tls();
        if (tls != null && tls.provider() == TlsSettings.Provider.OPENSSL) {
            throw CannotOpen.ever("tls.provider=openssl is for tcp listeners only: say auto in " + reader.file());
        }
        List<String> content = new ArrayList<>(reader.list("content"));
        if (reader.flag("bundle")) {
            content.add(MQTT_JS);
        }
        return new WsSettings(
                listener,
                path(reader),
                reader.flag("subprotocol.required"),
                reader.number("message.bytes.max", 1024, Integer.MAX_VALUE),
                Hosts.of(reader.list("hosts")),
                origins(reader),
                forwarders,
                List.copyOf(content),
                folder(reader));
    }

    public boolean serves(String contentName) {
        // MQTT.js is for pages that ask for it, as in Mosca: by bundle = true, or by its name.
        boolean all = content.contains("*") && !contentName.equals(MQTT_JS);
        return all || content.contains(contentName);
    }

    public boolean isUpgradePath(String requested) {
        return path.equals("*") || path.equals(requested);
    }

    private static String path(SettingsReader reader) throws CannotOpen {
        String path = reader.word("path");
        if (!path.equals("*") && !path.startsWith("/")) {
            throw CannotOpen.ever("path=" + path
                    + " does not begin with a slash: write it like /mqtt, or * for any, in " + reader.file());
        }
        return path;
    }

    private static Origins origins(SettingsReader reader) throws CannotOpen {
        try {
            return Origins.of(reader.list("origins"));
        } catch (IllegalArgumentException notAnOrigin) {
            throw CannotOpen.ever("origins has " + notAnOrigin.getMessage()
                    + ", which is no origin: write it like https://app.example.com or http://10.0.0.5:8080 in "
                    + reader.file());
        }
    }

    /** Relative to the instance. Refuses what would publish more than anyone can mean: the root, or our own secrets. */
    private static @Nullable Path folder(SettingsReader reader) throws CannotOpen {
        String folder = reader.word("static");
        if (folder.isEmpty()) {
            return null;
        }
        Path path;
        try {
            path = Path.of(System.getProperty("karaf.base", "")).resolve(folder).toRealPath();
        } catch (InvalidPathException | java.io.IOException missing) {
            throw CannotOpen.now("static=" + folder + " is no folder that can be read: make it, or name another in "
                    + reader.file());
        }
        if (!Files.isDirectory(path)) {
            throw CannotOpen.now("static=" + folder + " is no folder: name one in " + reader.file());
        }
        if (path.getParent() == null) {
            throw CannotOpen.ever("static=" + folder + " would publish every file of this machine: name a folder in "
                    + reader.file());
        }
        Path etc = etc();
        if (etc != null && (etc.startsWith(path) || path.startsWith(etc))) {
            throw CannotOpen.ever(
                    "static=" + folder + " would publish the broker's own settings and keys: name a folder"
                            + " without them in " + reader.file());
        }
        return path;
    }

    private static @Nullable Path etc() {
        String etc = System.getProperty("karaf.etc");
        try {
            return etc == null ? null : Path.of(etc).toRealPath();
        } catch (java.io.IOException missing) {
            return Path.of(etc).toAbsolutePath().normalize();
        }
    }
}
