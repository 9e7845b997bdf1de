// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** The load balancers that speak for others: their connections, and no other, begin with a PROXY header. */
public final class TrustedProxies {
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    private final List<IpSubnetFilterRule> networks;

    private TrustedProxies(List<IpSubnetFilterRule> networks) {
        this.networks = List.copyOf(networks);
    }

    /** IllegalArgumentException, naming the entry, for what is no numeric address or network. */
    public static TrustedProxies parse(List<String> entries) {
        List<IpSubnetFilterRule> networks = new ArrayList<>();
        for (String entry : entries) {
            int slash = entry.indexOf('/');
            String address = slash < 0 ? entry : entry.substring(0, slash);
            byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
            if (bytes == null) {
                throw new IllegalArgumentException(entry);
            }
            try {
                int prefix = slash < 0 ? bytes.length * 8 : Integer.parseInt(entry.substring(slash + 1));
                networks.add(new IpSubnetFilterRule(address, prefix, IpFilterRuleType.ACCEPT));
            } catch (IllegalArgumentException notANetwork) {
                throw new IllegalArgumentException(entry, notANetwork);
            }
        }
        return new TrustedProxies(networks);
    }

    public boolean isEmpty() {
        return networks.isEmpty();
    }

    public boolean contains(InetSocketAddress peer) {
        for (IpSubnetFilterRule network : networks) {
            if (network.matches(peer)) {
                return true;
            }
        }
        return false;
    }
}
