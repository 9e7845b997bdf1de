// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import io.courtier.clients.web.Instance;
import io.courtier.conformance.Client;
import io.courtier.conformance.SocketWire;
import io.courtier.conformance.WsWire;
import io.courtier.protocol.Auth;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.ReasonCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Connections to a running broker whose clients send what they are told, right or wrong. */
final class Bare {
    private Bare() {}

    static Client tcp(Instance broker) throws IOException {
        return tcp(broker, "127.0.0.1", ProtocolVersion.V5);
    }

    /** @param from an address of loopback; each is another client's for the broker */
    static Client tcp(Instance broker, String from, ProtocolVersion version) throws IOException {
        return new Client(new SocketWire(socket(broker.port("tcp-default"), from)), version);
    }

    /** One that waits for answers longer than most. */
    static Client tcp(Instance broker, int patienceMillis) throws IOException {
        Socket socket = socket(broker.port("tcp-default"), "127.0.0.1");
        SocketWire wire = new SocketWire(socket);
        socket.setSoTimeout(patienceMillis);
        return new Client(wire, ProtocolVersion.V5);
    }

    static Client ws(Instance broker) throws IOException {
        return new Client(new WsWire(broker.port("ws-default")), ProtocolVersion.V5);
    }

    static Socket socket(int port, String from) throws IOException {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        return new Socket(loopback, port, InetAddress.getByName(from), 0);
    }

    static Connect connect(String identifier, String user, String password) {
        return connect(ProtocolVersion.V5, identifier, user, password, Properties.NONE);
    }

    static Connect connect(
            ProtocolVersion version, String identifier, String user, String password, Properties properties) {
        byte[] bytes = password == null ? null : password.getBytes(StandardCharsets.UTF_8);
        return new Connect(version, identifier, true, 0, null, user, bytes, properties);
    }

    /** A CONNECT with an Authentication Method and what it says first. */
    static Connect enhanced(String identifier, String method, String data) {
        return connect(ProtocolVersion.V5, identifier, null, null, authentication(method, data));
    }

    static Properties authentication(String method, String data) {
        return Properties.builder()
                .set(Property.AUTHENTICATION_METHOD, method)
                .set(Property.AUTHENTICATION_DATA, data.getBytes(StandardCharsets.UTF_8))
                .build();
    }

    /** A whole SCRAM exchange; the reason of its end, which is in CONNACK either way. */
    static ReasonCode scram(Client client, String identifier, ScramClient scram) {
        String method = scram.getMethod().toString();
        client.send(enhanced(identifier, method, scram.first()));
        ControlPacket answer = client.expect(ControlPacket.class);
        if (answer instanceof Auth challenge) {
            byte[] data = challenge.properties().binary(Property.AUTHENTICATION_DATA);
            String proof = scram.next(new String(data, StandardCharsets.UTF_8));
            client.send(new Auth(ReasonCode.CONTINUE_AUTHENTICATION, authentication(method, proof)));
            answer = client.expect(ControlPacket.class);
        }
        return ((ConnAck) answer).reason();
    }
}
