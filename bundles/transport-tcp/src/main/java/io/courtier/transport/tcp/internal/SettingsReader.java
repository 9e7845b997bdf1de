// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal;

import io.courtier.transport.tcp.internal.tls.TlsSettings;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Reads one configuration file and refuses, in one sentence, what cannot be meant. */
final class SettingsReader {
    static final String FACTORY_PID = "io.courtier.listener.tcp";

    private static final Set<String> KNOWN = Arrays.stream(Config.class.getDeclaredMethods())
            .map(Method::getName)
            .map(name -> name.replace('_', '.'))
            .collect(Collectors.toUnmodifiableSet());
    private static final List<String> NOT_OURS = List.of("service.", "component.", "felix.", "osgi.", "org.", ".");

    private final Config config;
    private final Map<String, ?> properties;
    private final String name;
    private final String file;

    SettingsReader(Config config, Map<String, ?> properties) {
        this.config = config;
        this.properties = properties;
        String fileName = afterLast(text("felix.fileinstall.filename"), '/');
        String pid = text("service.pid");
        if (fileName.startsWith(FACTORY_PID + "-") && fileName.contains(".")) {
            name = "tcp-" + fileName.substring(FACTORY_PID.length() + 1, fileName.lastIndexOf('.'));
            file = "etc/" + fileName;
        } else {
            name = "tcp-" + (pid.contains("~") ? afterLast(pid, '~') : "default");
            file = "etc/" + FACTORY_PID + name.substring("tcp".length()) + ".cfg";
        }
    }

    String name() {
        return name;
    }

    String file() {
        return file;
    }

    List<String> unknownKeys() {
        Set<String> unknown = new TreeSet<>();
        for (String key : properties.keySet()) {
            if (!KNOWN.contains(key) && NOT_OURS.stream().noneMatch(key::startsWith)) {
                unknown.add(key);
            }
        }
        return List.copyOf(unknown);
    }

    ListenerSettings read() throws CannotOpen {
        InetAddress bind = bind();
        int port = number("port", config::port, 0, 65_535);
        TrustedProxies proxies = proxies();
        int high = number("write.high.water.bytes", config::write_high_water_bytes, 1024, 1 << 30);
        int low = number("write.low.water.bytes", config::write_low_water_bytes, 0, high);
        boolean tls = value("tls", config::tls);
        return new ListenerSettings(
                name,
                file,
                new InetSocketAddress(bind, port),
                number("backlog", config::backlog, 1, 1 << 20),
                anonymousAllowed(bind, proxies),
                proxies,
                number("connections.max", config::connections_max, 0, Integer.MAX_VALUE),
                number("connections.per.second", config::connections_per_second, 0, Integer.MAX_VALUE),
                number("handshake.timeout.ms", config::handshake_timeout_ms, 1, 600_000),
                value("no.delay", config::no_delay),
                low == 0 ? high / 4 : low,
                high,
                number("drain.seconds", config::drain_seconds, 0, 60),
                tls ? tls() : null);
    }

    private InetAddress bind() throws CannotOpen {
        String bind = value("bind", config::bind).trim();
        if (bind.isEmpty()) {
            throw CannotOpen.ever("bind is empty: name a local address, or 0.0.0.0 for all, in " + file);
        }
        try {
            return InetAddress.getByName(bind);
        } catch (UnknownHostException unknown) {
            throw CannotOpen.now("bind=" + bind + " is no address of this machine: correct it in " + file);
        }
    }

    private TrustedProxies proxies() throws CannotOpen {
        try {
            return TrustedProxies.parse(list("proxy.protocol.from", config::proxy_protocol_from));
        } catch (IllegalArgumentException notANetwork) {
            throw CannotOpen.ever("proxy.protocol.from has " + notANetwork.getMessage()
                    + ", which is no address and no network: write it like 10.1.2.3 or 10.0.0.0/8 in " + file);
        }
    }

    /** Strangers are let in only where it was said, or where there are none: on loopback without a proxy. */
    private boolean anonymousAllowed(InetAddress bind, TrustedProxies proxies) throws CannotOpen {
        String said = value("allow.anonymous", config::allow_anonymous).trim().toLowerCase(Locale.ROOT);
        switch (said) {
            case "true":
                return true;
            case "false":
                return false;
            case "":
                if (bind.isLoopbackAddress() && proxies.isEmpty()) {
                    return true;
                }
                throw CannotOpen.ever("it would let anonymous clients in from other machines: say allow.anonymous=false"
                        + " (clients need credentials) or allow.anonymous=true in " + file);
            default:
                throw CannotOpen.ever("allow.anonymous=" + said + " is neither true nor false: correct it in " + file);
        }
    }

    private TlsSettings tls() throws CannotOpen {
        TlsSettings tls = new TlsSettings(
                file,
                value("tls.certificate", config::tls_certificate).trim(),
                value("tls.key", config::tls_key).trim(),
                value("tls.key.password", config::tls_key_password),
                value("tls.keystore", config::tls_keystore).trim(),
                value("tls.keystore.password", config::tls_keystore_password),
                value("tls.trust", config::tls_trust).trim(),
                value("tls.trust.password", config::tls_trust_password),
                choice("tls.client.certificate", config::tls_client_certificate, TlsSettings.ClientCertificate.class),
                protocols(),
                choice("tls.provider", config::tls_provider, TlsSettings.Provider.class));
        boolean pem = !tls.certificate().isEmpty() && !tls.key().isEmpty();
        if (pem == !tls.keystore().isEmpty()) {
            throw CannotOpen.ever("tls=true needs tls.certificate and tls.key, or tls.keystore: set them in " + file);
        }
        // Without authorities of its own the platform's would do: anyone with a certificate for a web site.
        if (tls.clientCertificate() != TlsSettings.ClientCertificate.NONE
                && tls.trust().isEmpty()) {
            throw CannotOpen.ever("tls.client.certificate=" + config.tls_client_certificate()
                    + " needs tls.trust, the authorities whose clients are believed: set it in " + file);
        }
        return tls;
    }

    private List<String> protocols() throws CannotOpen {
        List<String> protocols = list("tls.protocols", config::tls_protocols);
        if (protocols.isEmpty() || !List.of("TLSv1.3", "TLSv1.2").containsAll(protocols)) {
            throw CannotOpen.ever("tls.protocols=" + String.join(",", protocols)
                    + " is not understood: TLSv1.3, TLSv1.2 or both, in " + file);
        }
        return protocols;
    }

    private <E extends Enum<E>> E choice(String key, Supplier<String> read, Class<E> type) throws CannotOpen {
        String said = value(key, read).trim().toLowerCase(Locale.ROOT);
        List<String> choices = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            String choice = constant.name().toLowerCase(Locale.ROOT);
            if (choice.equals(said)) {
                return constant;
            }
            choices.add(choice);
        }
        throw CannotOpen.ever(
                key + "=" + said + " is not understood: one of " + String.join(", ", choices) + ", in " + file);
    }

    private int number(String key, Supplier<Integer> read, int min, int max) throws CannotOpen {
        int number = value(key, read);
        if (number < min || number > max) {
            throw CannotOpen.ever(
                    key + "=" + number + " is not between " + min + " and " + max + ": correct it in " + file);
        }
        return number;
    }

    private List<String> list(String key, Supplier<String> read) throws CannotOpen {
        return Arrays.stream(value(key, read).split(",", -1))
                .map(String::trim)
                .filter(entry -> !entry.isEmpty())
                .toList();
    }

    private <T> T value(String key, Supplier<T> read) throws CannotOpen {
        try {
            return read.get();
        } catch (RuntimeException notOfItsType) {
            // Declarative Services reads text as numbers only now.
            throw CannotOpen.ever(key + "=" + properties.get(key) + " cannot be read: correct it in " + file);
        }
    }

    private String text(String key) {
        Object value = properties.get(key);
        return value == null ? "" : value.toString();
    }

    private static String afterLast(String text, char separator) {
        return text.substring(text.lastIndexOf(separator) + 1);
    }
}
