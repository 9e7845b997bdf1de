// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.PacketEncoder;
import java.util.ArrayDeque;
import java.util.Arrays;

/** A page whose server is the test: it sees each packet of the client, and answers what it likes. */
final class ServedPage extends Page {
    private PacketDecoder decoder;
    final ArrayDeque<ControlPacket> sent = new ArrayDeque<>();
    int sizeOfLast;
    int connection;
    boolean open;

    ServedPage(ClientOptions with) {
        make(with, null);
    }

    ServedPage(ClientOptions with, ClientStore store) {
        make(with, store);
    }

    static ServedPage v5() {
        return new ServedPage(options(ProtocolVersion.V5, true, 0));
    }

    @Override
    public void open(int connection) {
        this.connection = connection;
        decoder = new PacketDecoder(1 << 20);
        sent.clear();
        open = true;
    }

    @Override
    public void send(int to, byte[] bytes) {
        if (to != connection || !open) return;
        decoder.feed(bytes, 0, bytes.length);
        for (PacketType type = decoder.next(); type != null; type = decoder.next()) {
            sizeOfLast = decoder.size();
            sent.add(decoder.packet());
        }
    }

    @Override
    public void close(int which) {
        if (which == connection) open = false;
    }

    /** The next packet that the client sent, which must be of this type. */
    <T extends ControlPacket> T expect(Class<T> type) {
        ControlPacket packet = sent.poll();
        if (!type.isInstance(packet)) throw new AssertionError("expected " + type.getSimpleName() + ", was " + packet);
        return type.cast(packet);
    }

    void expectNothing() {
        if (!sent.isEmpty()) throw new AssertionError("expected nothing, was " + sent);
    }

    void answer(ControlPacket packet) {
        ByteBuilder bytes = new ByteBuilder(64);
        if (!PacketEncoder.encode(packet, options.connect().version(), bytes)) throw new AssertionError(packet);
        client.received(connection, Arrays.copyOf(bytes.array(), bytes.length()));
    }

    void answerHex(String hex) {
        client.received(connection, java.util.HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    /** The transport opens, and CONNACK says yes. */
    Connect accept(boolean sessionPresent, Properties properties) {
        client.opened(connection);
        Connect connect = expect(Connect.class);
        answer(new ConnAck(sessionPresent, ReasonCode.SUCCESS, properties));
        return connect;
    }

    Connect accept() {
        return accept(false, Properties.NONE);
    }

    ServedPage connected() {
        connect();
        accept();
        return this;
    }

    void lose() {
        open = false;
        client.closed(connection, "cut");
    }

    void advance(long millis) {
        for (long left = millis; left > 0; left -= 100) {
            time.nanos += Math.min(left, 100) * 1_000_000;
            client.tick();
        }
    }

    /** Until the next attempt. */
    void awaitAttempt() {
        int before = connection;
        for (int i = 0; i < 2_000 && connection == before; i++) advance(100);
        if (connection == before) throw new AssertionError("no attempt within 200 s");
    }
}
