// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener;

import io.courtier.listener.tls.TlsSettings;
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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads one configuration file and refuses, in one sentence, what cannot be meant. Keys and defaults are those of an
 * annotation type, as Declarative Services has them: {@code allow_anonymous()} is the key {@code allow.anonymous}.
 */
public final class SettingsReader {
    private static final List<String> NOT_OURS = List.of("service.", "component.", "felix.", "osgi.", "org.", ".");

    private final Map<String, Object> defaults;
    private final Map<String, ?> properties;
    private final String name;
    private final String file;

    /** @param factoryPid {@code io.courtier.listener.tcp}; its last word begins the name of the listener */
    public SettingsReader(String factoryPid, Class<?> config, Map<String, ?> properties) {
        this.properties = properties;
        defaults = Arrays.stream(config.getDeclaredMethods())
                .collect(Collectors.toUnmodifiableMap(
                        method -> method.getName().replace("$", "").replace('_', '.'), Method::getDefaultValue));
        String kind = afterLast(factoryPid, '.');
        String fileName = afterLast(text(properties.get("felix.fileinstall.filename")), '/');
        String pid = text(properties.get("service.pid"));
        if (fileName.startsWith(factoryPid + "-") && fileName.contains(".")) {
            name = kind + fileName.substring(factoryPid.length(), fileName.lastIndexOf('.'));
            file = "etc/" + fileName;
        } else {
            name = kind + "-" + (pid.contains("~") ? afterLast(pid, '~') : "default");
            file = "etc/" + factoryPid + name.substring(kind.length()) + ".cfg";
        }
    }

    public String name() {
        return name;
    }

    public String file() {
        return file;
    }

    public List<String> unknownKeys() {
        Set<String> unknown = new TreeSet<>();
        for (String key : properties.keySet()) {
            if (!defaults.containsKey(key) && NOT_OURS.stream().noneMatch(key::startsWith)) {
                unknown.add(key);
            }
        }
        return List.copyOf(unknown);
    }

    /** What all listeners have. The forwarders are those who speak for clients in a way of this kind of listener. */
    public ListenerSettings listener(TrustedProxies forwarders) throws CannotOpen {
        InetAddress bind = bind();
        int port = number("port", 0, 65_535);
        TrustedProxies proxies = networks("proxy.protocol.from");
        boolean behindProxies = !proxies.isEmpty() || !forwarders.isEmpty();
        int high = number("write.high.water.bytes", 1024, 1 << 30);
        int low = number("write.low.water.bytes", 0, high);
        return new ListenerSettings(
                name,
                file,
                new InetSocketAddress(bind, port),
                number("backlog", 1, 1 << 20),
                anonymousAllowed(bind, behindProxies),
                proxies,
                behindProxies,
                number("connections.max", 0, Integer.MAX_VALUE),
                number("connections.per.second", 0, Integer.MAX_VALUE),
                number("handshake.timeout.ms", 1, 600_000),
                flag("no.delay"),
                low == 0 ? high / 4 : low,
                high,
                number("drain.seconds", 0, 60),
                flag("tls") ? tls() : null);
    }

    /** Addresses and networks with commas. */
    public TrustedProxies networks(String key) throws CannotOpen {
        try {
            return TrustedProxies.parse(list(key));
        } catch (IllegalArgumentException notANetwork) {
            throw CannotOpen.ever(key + " has " + notANetwork.getMessage()
                    + ", which is no address and no network: write it like 10.1.2.3 or 10.0.0.0/8 in " + file);
        }
    }

    public <E extends Enum<E>> E choice(String key, Class<E> type) throws CannotOpen {
        String said = word(key).toLowerCase(Locale.ROOT);
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

    public int number(String key, int min, int max) throws CannotOpen {
        long number;
        try {
            number = Long.parseLong(word(key));
        } catch (NumberFormatException notANumber) {
            throw CannotOpen.ever(key + "=" + word(key) + " is no number: correct it in " + file);
        }
        if (number < min || number > max) {
            throw CannotOpen.ever(
                    key + "=" + number + " is not between " + min + " and " + max + ": correct it in " + file);
        }
        return (int) number;
    }

    public boolean flag(String key) throws CannotOpen {
        return switch (word(key).toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw CannotOpen.ever(key + "=" + word(key) + " is neither true nor false: correct it in " + file);
        };
    }

    /** Entries with commas, without those that are empty. */
    public List<String> list(String key) {
        return Arrays.stream(word(key).split(",", -1))
                .map(String::trim)
                .filter(entry -> !entry.isEmpty())
                .toList();
    }

    /** Without white space around it. */
    public String word(String key) {
        return verbatim(key).trim();
    }

    private InetAddress bind() throws CannotOpen {
        String bind = word("bind");
        if (bind.isEmpty()) {
            throw CannotOpen.ever("bind is empty: name a local address, or 0.0.0.0 for all, in " + file);
        }
        try {
            return InetAddress.getByName(bind);
        } catch (UnknownHostException unknown) {
            throw CannotOpen.now("bind=" + bind + " is no address of this machine: correct it in " + file);
        }
    }

    /** Strangers are let in only where it was said, or where there are none: on loopback without a proxy. */
    private boolean anonymousAllowed(InetAddress bind, boolean behindProxies) throws CannotOpen {
        String said = word("allow.anonymous").toLowerCase(Locale.ROOT);
        switch (said) {
            case "true":
                return true;
            case "false":
                return false;
            case "":
                if (bind.isLoopbackAddress() && !behindProxies) {
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
                word("tls.certificate"),
                word("tls.key"),
                verbatim("tls.key.password"),
                word("tls.keystore"),
                verbatim("tls.keystore.password"),
                word("tls.trust"),
                verbatim("tls.trust.password"),
                choice("tls.client.certificate", TlsSettings.ClientCertificate.class),
                new TlsSettings.Revocation(
                        word("tls.crl"),
                        choice("tls.crl.expired", Uncertain.class) == Uncertain.ALLOW,
                        choice("tls.crl.missing", Uncertain.class) == Uncertain.ALLOW),
                protocols(),
                choice("tls.provider", TlsSettings.Provider.class));
        boolean pem = !tls.certificate().isEmpty() && !tls.key().isEmpty();
        if (pem == !tls.keystore().isEmpty()) {
            throw CannotOpen.ever("tls=true needs tls.certificate and tls.key, or tls.keystore: set them in " + file);
        }
        // Without authorities of its own the platform's would do: anyone with a certificate for a web site.
        if (tls.clientCertificate() != TlsSettings.ClientCertificate.NONE
                && tls.trust().isEmpty()) {
            throw CannotOpen.ever("tls.client.certificate=" + word("tls.client.certificate")
                    + " needs tls.trust, the authorities whose clients are believed: set it in " + file);
        }
        if (tls.clientCertificate() == TlsSettings.ClientCertificate.NONE
                && !tls.revocation().lists().isEmpty()) {
            throw CannotOpen.ever("tls.crl=" + tls.revocation().lists() + " judges client certificates, and"
                    + " tls.client.certificate=none asks for none: set it to want or need in " + file);
        }
        return tls;
    }

    /** What to do with whom nobody knows enough about. */
    private enum Uncertain {
        REFUSE,
        ALLOW
    }

    private List<String> protocols() throws CannotOpen {
        List<String> protocols = list("tls.protocols");
        if (protocols.isEmpty() || !List.of("TLSv1.3", "TLSv1.2").containsAll(protocols)) {
            throw CannotOpen.ever("tls.protocols=" + String.join(",", protocols)
                    + " is not understood: TLSv1.3, TLSv1.2 or both, in " + file);
        }
        return protocols;
    }

    private String verbatim(String key) {
        Object value = properties.get(key);
        return text(value == null ? defaults.get(key) : value);
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    private static String afterLast(String text, char separator) {
        return text.substring(text.lastIndexOf(separator) + 1);
    }
}
