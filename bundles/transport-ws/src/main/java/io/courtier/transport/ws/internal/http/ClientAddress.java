// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.http;

import io.courtier.listener.TrustedProxies;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * Who asks, as far as we may believe it: the peer of the socket, or behind proxies that we trust the last address that they
 * did not vouch for themselves. What stands before it in X-Forwarded-For anybody may have written.
 */
final class ClientAddress {
    private ClientAddress() {}

    static InetSocketAddress of(Request request, TrustedProxies forwarders) {
        InetSocketAddress peer =
                (InetSocketAddress) request.getConnectionMetaData().getRemoteSocketAddress();
        if (forwarders.isEmpty() || !forwarders.contains(peer)) {
            return peer;
        }
        InetSocketAddress client = peer;
        List<String> hops = hops(request);
        for (int i = hops.size() - 1; i >= 0; i--) {
            byte[] address = NetUtil.createByteArrayFromIpAddressString(hops.get(i));
            if (address == null) {
                return client;
            }
            client = new InetSocketAddress(NetUtil.bytesToIpAddress(address), 0);
            if (!forwarders.contains(client)) {
                return client;
            }
        }
        return client;
    }

    private static List<String> hops(Request request) {
        List<String> hops = new ArrayList<>();
        for (String field : request.getHeaders().getValuesList(HttpHeader.X_FORWARDED_FOR)) {
            for (String hop : field.split(",", -1)) {
                hops.add(hop.trim());
            }
        }
        return hops;
    }
}
