// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.ReasonCode;
import org.jspecify.annotations.Nullable;

/** A client that comes back: its connection of the moment, and whether the broker has to know its session. */
final class Client {
    static final int LASTING_SECONDS = 86_400;

    /** What the client has to do with what comes. */
    interface Owner {
        /** CONNACK came. */
        void connected(boolean sessionPresent);

        /** Anything else came. */
        void take(ControlPacket packet);
    }

    final String name;
    private final ProtocolVersion version;
    private final int expirySeconds;
    private final Faults faults;
    private @Nullable Link link;
    private boolean ready;
    /** It asked for a new session. */
    private boolean clean;
    /** CONNACK came once, and the session is to last from then on. */
    private boolean known;

    /** @param expirySeconds of the session; before MQTT 5 {@link #LASTING_SECONDS} */
    Client(String name, ProtocolVersion version, int expirySeconds, Faults faults) {
        this.name = name;
        this.version = version;
        this.expirySeconds = expirySeconds;
        this.faults = faults;
    }

    boolean isV5() {
        return version == ProtocolVersion.V5;
    }

    /** CONNACK came on this connection. */
    boolean isReady() {
        return ready && link != null;
    }

    boolean isOffline() {
        return link == null;
    }

    void connect(int port, boolean cleanStart) {
        ready = false;
        clean = cleanStart;
        Link now = Link.open(port, version);
        link = now;
        if (now == null) return;
        Properties properties = isV5() && expirySeconds > 0
                ? Properties.builder()
                        .set(Property.SESSION_EXPIRY_INTERVAL, expirySeconds)
                        .build()
                : Properties.NONE;
        now.send(new Connect(version, name, cleanStart, 0, null, null, null, properties));
    }

    void send(ControlPacket packet) {
        if (link != null) link.send(packet);
    }

    void flush() {
        if (link != null) link.flush();
    }

    /** Goes without a word. */
    void drop() {
        if (link != null) link.close();
        gone();
    }

    void disconnect() {
        send(new Disconnect(ReasonCode.SUCCESS, Properties.NONE));
        flush();
        drop();
    }

    private void gone() {
        link = null;
        ready = false;
    }

    /** Hands on all that has come; gives how many packets that were. */
    int read(Owner owner) {
        int count = 0;
        while (true) {
            // Its owner may go on what came.
            Link from = link;
            if (from == null) return count;
            ControlPacket packet = from.next();
            if (packet == null) {
                if (!from.isOpen()) gone();
                return count;
            }
            count++;
            if (packet instanceof ConnAck connAck) connected(connAck, owner);
            else if (packet instanceof Disconnect disconnect)
                faults.found(Faults.Kind.WRONG, name + " was cut off: " + disconnect);
            else owner.take(packet);
        }
    }

    private void connected(ConnAck connAck, Owner owner) {
        if (connAck.reason() != ReasonCode.SUCCESS) {
            faults.found(Faults.Kind.WRONG, name + " was refused: " + connAck);
            return;
        }
        if (clean && connAck.sessionPresent())
            faults.found(Faults.Kind.UNDUE, name + " wanted a new session and has an old one");
        if (!clean && known && !connAck.sessionPresent())
            faults.found(Faults.Kind.LOST, name + " has lost its session");
        known = expirySeconds == LASTING_SECONDS;
        ready = true;
        owner.connected(connAck.sessionPresent());
    }
}
