// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static io.courtier.protocol.ProtocolVersion.V5;

import io.courtier.core.Limits;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** What every scenario has: a door, and names of its own, since one broker over TCP, and one over WebSocket, serves them all. */
@ParameterizedClass(name = "{0}")
@ArgumentsSource(Doors.Source.class)
@Doors(Scenarios.OfTheServer.class)
public abstract class Scenarios {
    /** The doors to the core and to the server. */
    enum OfTheServer implements Through {
        CORE_OF_ONE_SHARD,
        CORE_OF_THREE_SHARDS,
        CORE_WITH_STORES,
        TCP,
        WEBSOCKET;

        @Override
        public Door open(Limits limits) {
            return switch (this) {
                case CORE_OF_ONE_SHARD -> new MemoryDoor(1, limits);
                case CORE_OF_THREE_SHARDS -> new MemoryDoor(3, limits);
                case CORE_WITH_STORES -> new MemoryDoor(3, limits, new MemoryStores());
                case TCP -> new TcpDoor(limits);
                case WEBSOCKET -> new WsDoor(limits);
            };
        }

        @Override
        public boolean isShared() {
            return this == TCP || this == WEBSOCKET;
        }
    }

    private static final AtomicInteger SCENARIO = new AtomicInteger();
    private static final Map<Through, Door> SHARED = new HashMap<>();

    @Parameter
    Through through;

    private final int scenario = SCENARIO.incrementAndGet();
    private Door door;
    private Door own;

    /** The door with the default limits. */
    Door door() {
        if (door == null) {
            if (through.isShared()) {
                synchronized (SHARED) {
                    door = SHARED.computeIfAbsent(through, first -> {
                        Door opened = first.open(Limits.DEFAULT);
                        Runtime.getRuntime().addShutdownHook(new Thread(opened::close));
                        return opened;
                    });
                }
            } else {
                door = own = through.open(Limits.DEFAULT);
            }
        }
        return door;
    }

    /** The door of a broker with other limits. */
    Door door(Limits limits) {
        return door = own = through.open(limits);
    }

    @AfterEach
    void closeDoor() {
        if (own != null) own.close();
    }

    /** Only for doors where time can be moved. */
    Door doorOfTime() {
        Assumptions.assumeTrue(door().movesTime(), "real time is not moved");
        return door();
    }

    /** A name that no other scenario uses. */
    String my(String name) {
        return name + "-" + scenario;
    }

    String topic(String name) {
        return "s" + scenario + "/" + name;
    }

    Client client(ProtocolVersion version) {
        return new Client(door(), version);
    }

    /** Connected, with a clean start and without properties. */
    Client connected(ProtocolVersion version, String name) {
        Client client = client(version);
        client.connect(my(name), true);
        return client;
    }

    Client connected(String name) {
        return connected(V5, name);
    }

    /** Connected with MQTT 5 and a session that lives on. */
    Client lasting(String name, boolean clean) {
        Client client = client(V5);
        client.connect(my(name), clean, null, expiry(3_600));
        return client;
    }

    static Properties expiry(long seconds) {
        return with(Property.SESSION_EXPIRY_INTERVAL, seconds);
    }

    static Properties with(Property property, long value) {
        return Properties.builder().set(property, value).build();
    }
}
