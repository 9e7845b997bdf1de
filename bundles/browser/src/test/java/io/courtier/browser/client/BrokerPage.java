// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.browser.broker.TabBroker;
import io.courtier.browser.broker.TabPort;
import io.courtier.core.CoreEvents;
import io.courtier.core.Limits;
import io.courtier.core.Plugins;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.EnhancedAuthenticator;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;

/** A page whose client talks to the real core, packet by packet, over connections that can be cut anywhere. */
final class BrokerPage extends Page {
    /** A broker, its time, and the work that is to be done. */
    static final class World {
        final Time time = new Time();
        final ArrayDeque<Runnable> work = new ArrayDeque<>();
        final TabBroker broker;
        private long seed = 99;

        World() {
            broker = new TabBroker(
                    Limits.DEFAULT,
                    new House(),
                    CoreEvents.NONE,
                    () -> seed = seed * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L,
                    null,
                    time,
                    this::again);
        }

        private void again() {
            work.add(() -> broker.turn());
        }

        void settle() {
            while (!work.isEmpty()) work.remove().run();
        }
    }

    final World world;
    private TabPort port;
    private int connection;
    private long generation;
    /** So many pieces get through, of either side; then the connection is cut. */
    int pieces = Integer.MAX_VALUE;
    /** The greatest piece, in bytes; 0: each packet is one. */
    int pieceBytes;

    BrokerPage(World world, ClientOptions with, ClientStore store) {
        this.world = world;
        time = world.time;
        make(with, store);
    }

    BrokerPage(World world, ClientOptions with) {
        this(world, with, null);
    }

    @Override
    public void open(int number) {
        connection = number;
        long now = ++generation;
        port = world.broker.open("page", "", true, new TabPort.Output() {
            @Override
            public void bytes(byte[] bytes) {
                split(bytes, piece -> pass(now, () -> client.received(number, piece)));
            }

            @Override
            public void closed() {
                world.work.add(() -> {
                    if (now == generation) client.closed(number, "the broker closed");
                });
            }
        });
        world.work.add(() -> client.opened(number));
    }

    @Override
    public void send(int to, byte[] bytes) {
        if (to != connection) return;
        TabPort through = port;
        split(bytes, piece -> pass(generation, () -> through.received(piece)));
    }

    private void pass(long of, Runnable piece) {
        world.work.add(() -> {
            if (of != generation) return;
            if (pieces == 0) {
                cut();
                return;
            }
            if (pieces != Integer.MAX_VALUE) pieces--;
            piece.run();
        });
    }

    private void split(byte[] bytes, Consumer<byte[]> to) {
        int at = 0;
        while (at < bytes.length) {
            int length = pieceBytes == 0
                    ? packetLength(bytes, at)
                    : Math.min(bytes.length - at, 1 + (int) (Math.abs(random()) % pieceBytes));
            to.accept(Arrays.copyOfRange(bytes, at, at + length));
            at += length;
        }
    }

    private static int packetLength(byte[] bytes, int at) {
        int length = 0;
        for (int i = 1; ; i++) {
            length |= (bytes[at + i] & 0x7F) << 7 * (i - 1);
            if (bytes[at + i] >= 0) return 1 + i + length;
        }
    }

    void cut() {
        if (port == null) return;
        int number = connection;
        generation++;
        TabPort gone = port;
        port = null;
        pieces = Integer.MAX_VALUE;
        gone.lost();
        if (client != null) client.closed(number, "cut");
    }

    /** The page is killed: nothing of it is heard again. */
    void kill() {
        generation++;
        if (port != null) port.lost();
        port = null;
    }

    @Override
    public void close(int which) {
        if (which != connection || port == null) return;
        TabPort gone = port;
        long of = generation;
        world.work.add(() -> {
            gone.lost();
            if (of == generation) port = null;
        });
    }

    void settle() {
        world.settle();
    }

    void advance(long millis) {
        for (long left = millis; left > 0; left -= 100) {
            world.time.nanos += Math.min(left, 100) * 1_000_000;
            world.broker.tick();
            client.tick();
            world.settle();
        }
    }

    /** Until there is a connection again. */
    void awaitConnected() {
        settle();
        for (int i = 0; i < 2_000 && client.state() != Client.State.CONNECTED; i++) advance(100);
        if (client.state() != Client.State.CONNECTED) throw new AssertionError(client.state() + " " + events);
    }

    private static final class House implements Plugins {
        private static final Permissions PERMISSIONS = new Permissions() {
            @Override
            public boolean mayPublish(TopicName topic, QoS qos, boolean retain) {
                return !topic.toString().startsWith("forbidden/");
            }

            @Override
            public boolean maySubscribe(TopicFilter filter, QoS qos) {
                return !filter.levels()[0].equals("forbidden");
            }
        };

        @Override
        public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
            answer.accept(
                    "intruder".equals(request.userName())
                            ? new AuthenticationResult.Deny(ReasonCode.BAD_USER_NAME_OR_PASSWORD, "an intruder")
                            : new AuthenticationResult.Allow(new Principal(request.userName(), Set.of(), "house")));
        }

        @Override
        public EnhancedAuthenticator.Exchange enhanced(String method, AuthenticationRequest request) {
            return null;
        }

        @Override
        public Permissions permissions(Principal principal, String clientIdentifier, String listener) {
            return PERMISSIONS;
        }

        @Override
        public ApplicationMessage intercept(ApplicationMessage message) {
            return message;
        }
    }
}
