// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static io.courtier.protocol.ProtocolVersion.V3_1_1;
import static io.courtier.protocol.ProtocolVersion.V5;

import io.courtier.core.Limits;
import io.courtier.protocol.ReasonCode;
import org.junit.jupiter.api.Test;

/** The server says why before it closes, whoever decides that it does. */
class GoodbyeTest {
    @Test
    void aListenerThatClosesSaysGoodbyeToItsClients() {
        try (TcpDoor door = new TcpDoor(Limits.DEFAULT)) {
            Client five = new Client(door, V5);
            five.connect("five", true);
            Client old = new Client(door, V3_1_1);
            old.connect("old", true);
            Wire silent = door.open();
            door.closeListener();
            five.expectDisconnected(ReasonCode.SERVER_SHUTTING_DOWN);
            old.expectClosed();
            if (!silent.awaitClosed()) throw new AssertionError("a connection without CONNECT stayed open");
        }
    }

    @Test
    void aBrokerThatStopsSaysGoodbyeToItsClients() {
        Client five;
        try (TcpDoor door = new TcpDoor(Limits.DEFAULT)) {
            five = new Client(door, V5);
            five.connect("five", true);
            door.broker().close();
            five.expectDisconnected(ReasonCode.SERVER_SHUTTING_DOWN);
        }
    }

    @Test
    void anOperatorMayEndAConnection() {
        try (TcpDoor door = new TcpDoor(Limits.DEFAULT)) {
            Client five = new Client(door, V5);
            five.connect("five", true);
            door.broker().disconnect("five");
            five.expectDisconnected(ReasonCode.ADMINISTRATIVE_ACTION);
        }
    }
}
