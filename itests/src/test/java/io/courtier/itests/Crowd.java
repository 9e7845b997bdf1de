// SPDX-License-Identifier: Apache-2.0
package io.courtier.itests;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Many MQTT 3.1.1 clients on one thread, each with a topic of its own, which publish numbered QoS 1 messages to each other at
 * a rate and keep count. It also runs inside the container, so it needs nothing but the JDK.
 */
final class Crowd implements AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** One client. Its neighbour to the left numbers the messages that it gets. */
    private final class Member {
        final SocketChannel channel;
        final ArrayDeque<ByteBuffer> outgoing = new ArrayDeque<>();
        ByteBuffer incoming = ByteBuffer.allocate(4096);
        boolean subscribed;
        int nextPacketIdentifier = 1;
        long sent;
        long acknowledged;
        long received;

        Member(int index) throws IOException {
            channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, this);
            byte[] identifier = ("crowd-" + index).getBytes(StandardCharsets.US_ASCII);
            ByteBuffer connect = ByteBuffer.allocate(128);
            connect.put((byte) 0x10)
                    .put((byte) (10 + 2 + identifier.length + 2 + user.length + 2 + password.length))
                    .put(new byte[] {0, 4, 'M', 'Q', 'T', 'T', 4, (byte) (lasting ? 0xC0 : 0xC2), 0, 0});
            text(connect, identifier);
            text(connect, user);
            text(connect, password);
            send(connect.flip());
            byte[] topic = topic(index);
            ByteBuffer subscribe = ByteBuffer.allocate(64);
            subscribe.put((byte) 0x82).put((byte) (2 + 2 + topic.length + 1)).putShort((short) 1);
            text(subscribe, topic);
            send(subscribe.put((byte) 1).flip());
        }

        void publish(int to) {
            byte[] topic = topic(to);
            ByteBuffer publish = ByteBuffer.allocate(64);
            publish.put((byte) 0x32).put((byte) (2 + topic.length + 2 + 8));
            text(publish, topic);
            publish.putShort((short) nextPacketIdentifier).putLong(sent++);
            nextPacketIdentifier = nextPacketIdentifier % 65_535 + 1;
            send(publish.flip());
        }

        void send(ByteBuffer packet) {
            outgoing.add(packet);
            flush();
        }

        void flush() {
            try {
                while (!outgoing.isEmpty()) {
                    channel.write(outgoing.getFirst());
                    if (outgoing.getFirst().hasRemaining()) return;
                    outgoing.removeFirst();
                }
            } catch (IOException gone) {
                lost(gone.toString());
            }
        }

        void read() {
            try {
                if (channel.read(incoming) < 0) {
                    lost("closed by the broker");
                    return;
                }
            } catch (IOException gone) {
                lost(gone.toString());
                return;
            }
            incoming.flip();
            while (incoming.remaining() >= 2) {
                int length = incoming.get(incoming.position() + 1);
                if (incoming.remaining() < 2 + length) break;
                int type = incoming.get();
                incoming.get();
                ByteBuffer packet = incoming.slice(incoming.position(), length);
                incoming.position(incoming.position() + length);
                took(type & 0xFF, packet);
            }
            incoming.compact();
        }

        private void took(int type, ByteBuffer packet) {
            switch (type >> 4) {
                case 2 -> {
                    if (packet.get(1) != 0) lost("refused with " + packet.get(1));
                }
                case 9 -> subscribed = packet.get(2) == 1;
                case 4 -> acknowledged++;
                case 3 -> {
                    int topic = packet.getShort();
                    packet.position(packet.position() + topic);
                    short identifier = packet.getShort();
                    long number = packet.getLong();
                    boolean again = (type & 0x08) != 0;
                    if (number == received) received++;
                    else if (number < received && !again) doubled++;
                    else if (number > received) missing += number - received;
                    send(ByteBuffer.allocate(4)
                            .put((byte) 0x40)
                            .put((byte) 2)
                            .putShort(identifier)
                            .flip());
                }
                default -> lost("packet type " + (type >> 4));
            }
        }

        private void lost(String why) {
            problems.add(why);
            try {
                channel.close();
            } catch (IOException e) {
                problems.add(e.toString());
            }
        }
    }

    private final int port;
    private final byte[] user;
    private final byte[] password;
    private final int perSecond;
    private final boolean lasting;
    private final Selector selector;
    private final List<Member> members = new ArrayList<>();
    private final Thread thread;
    private final List<String> problems = new ArrayList<>();
    private volatile boolean talking = true;
    private long doubled;
    private long missing;
    private volatile Throwable broken;

    /** Connects them all, and begins when every one has its subscription. */
    Crowd(int port, String user, String password, int size, int perSecond) throws IOException, InterruptedException {
        this(port, user, password, size, perSecond, false);
    }

    /** @param lasting with sessions that outlive their connections, and the broker */
    Crowd(int port, String user, String password, int size, int perSecond, boolean lasting)
            throws IOException, InterruptedException {
        this.lasting = lasting;
        this.port = port;
        this.user = user.getBytes(StandardCharsets.US_ASCII);
        this.password = password.getBytes(StandardCharsets.US_ASCII);
        this.perSecond = perSecond;
        selector = Selector.open();
        long deadlineNanos = System.nanoTime() + PATIENCE_NANOS;
        for (int i = 0; i < size; i++) {
            members.add(new Member(i));
            // The password of the first is checked, which is slow on purpose; from then on it is known as right.
            while (!members.get(0).subscribed && System.nanoTime() - deadlineNanos < 0) turn(10);
            turn(0);
        }
        while (!members.stream().allMatch(member -> member.subscribed)) {
            if (System.nanoTime() - deadlineNanos > 0 || !problems.isEmpty()) {
                throw new AssertionError("not all came in: " + problems);
            }
            turn(10);
        }
        thread = new Thread(this::talk, "crowd");
        thread.start();
    }

    private void talk() {
        try {
            long begunNanos = System.nanoTime();
            long published = 0;
            while (talking) {
                long due = (System.nanoTime() - begunNanos) / 1_000 * perSecond / 1_000_000;
                for (; published < due; published++) {
                    int from = (int) (published % members.size());
                    members.get(from).publish((from + 1) % members.size());
                }
                turn(1);
            }
            long deadlineNanos = System.nanoTime() + PATIENCE_NANOS;
            while (!allArrived() && problems.isEmpty() && System.nanoTime() - deadlineNanos < 0) turn(10);
        } catch (IOException | RuntimeException e) {
            broken = e;
        }
    }

    private void turn(long millis) throws IOException {
        if (millis == 0) selector.selectNow();
        else selector.select(millis);
        for (SelectionKey key : selector.selectedKeys()) {
            Member member = (Member) key.attachment();
            if (key.isValid()) member.read();
            member.flush();
        }
        selector.selectedKeys().clear();
    }

    private boolean allArrived() {
        for (int i = 0; i < members.size(); i++) {
            Member from = members.get(i);
            if (from.acknowledged < from.sent) return false;
            if (members.get((i + 1) % members.size()).received < from.sent) return false;
        }
        return true;
    }

    /** Stops talking, waits for what is under way, and says what became of it all. */
    String report() throws InterruptedException {
        talking = false;
        thread.join();
        long sent = 0;
        long acknowledged = 0;
        long received = 0;
        for (Member member : members) {
            sent += member.sent;
            acknowledged += member.acknowledged;
            received += member.received;
        }
        return "disconnected=" + problems.size() + " unacknowledged=" + (sent - acknowledged) + " lost="
                + (sent - received + missing) + " doubled=" + doubled + (broken == null ? "" : " broken=" + broken);
    }

    long published() {
        return members.stream().mapToLong(member -> member.sent).sum();
    }

    @Override
    public void close() throws IOException {
        talking = false;
        for (Member member : members) member.channel.close();
        selector.close();
    }

    private static byte[] topic(int index) {
        return ("crowd/" + index).getBytes(StandardCharsets.US_ASCII);
    }

    private static void text(ByteBuffer to, byte[] text) {
        to.putShort((short) text.length).put(text);
    }
}
