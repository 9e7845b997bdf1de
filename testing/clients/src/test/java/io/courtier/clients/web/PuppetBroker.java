// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.WebSocketRoute;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.PacketEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * A broker that answers what a test wants, right or wrong: it stands where the page's WebSockets would be. It runs while the
 * test's thread waits for the page.
 */
final class PuppetBroker {
    /** The packets of the page, of all its connections. */
    final List<ControlPacket> heard = new ArrayList<>();

    private final Consumer<Wire> plot;
    private final ProtocolVersion version;

    /** One connection: what came last, and how to answer. */
    final class Wire {
        private final WebSocketRoute socket;
        private final PacketDecoder decoder = new PacketDecoder(1 << 20);
        ControlPacket packet;

        private Wire(WebSocketRoute socket) {
            this.socket = socket;
            socket.onMessage(frame -> heard(frame.binary()));
        }

        private void heard(byte[] bytes) {
            decoder.feed(bytes, 0, bytes.length);
            while (decoder.next() != null) {
                packet = decoder.packet();
                heard.add(packet);
                plot.accept(this);
            }
        }

        void answer(ControlPacket answer) {
            ByteBuilder bytes = new ByteBuilder(256);
            PacketEncoder.encode(answer, version, bytes);
            answer(Arrays.copyOf(bytes.array(), bytes.length()));
        }

        void answer(byte[] bytes) {
            socket.send(bytes);
        }

        void welcome() {
            if (packet instanceof Connect) answer(new ConnAck(false, ReasonCode.SUCCESS, Properties.NONE));
        }

        void hangUp() {
            socket.close();
        }
    }

    private PuppetBroker(ProtocolVersion version, Consumer<Wire> plot) {
        this.version = version;
        this.plot = plot;
    }

    /** @param plot called for each packet of the page */
    static PuppetBroker in(Page page, ProtocolVersion version, Consumer<Wire> plot) {
        PuppetBroker puppet = new PuppetBroker(version, plot);
        page.routeWebSocket(url -> true, socket -> puppet.new Wire(socket));
        return puppet;
    }
}
