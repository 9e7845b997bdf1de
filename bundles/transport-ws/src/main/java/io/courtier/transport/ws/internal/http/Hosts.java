// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.http;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The names that a listener answers to. A page of a foreign name whose address was changed to ours (DNS rebinding) is, for
 * its browser, of the same origin as we are; its Host field still gives it away. Addresses need no check: there is no name
 * to rebind.
 */
public final class Hosts {
    private static final String ANY = "*";

    private final Set<String> names = new HashSet<>(Set.of("localhost"));

    private Hosts() {}

    /** These, this machine's own name and localhost. */
    public static Hosts of(List<String> configured) {
        Hosts hosts = new Hosts();
        configured.forEach(name -> hosts.names.add(name.toLowerCase(Locale.ROOT)));
        try {
            hosts.names.add(InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT));
        } catch (UnknownHostException nameless) {
            return hosts;
        }
        return hosts;
    }

    /** @param host as a request has it, without its port; IPv6 with brackets or without */
    public boolean answersTo(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        return names.contains(ANY) || names.contains(name) || name.endsWith(".localhost") || isAddress(name);
    }

    private static boolean isAddress(String name) {
        String bare = name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
        return NetUtil.isValidIpV4Address(bare) || NetUtil.isValidIpV6Address(bare);
    }
}
