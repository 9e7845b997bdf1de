// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.conformance.TcpDoor;
import io.courtier.core.Limits;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every Java client over TLS: both providers of the listener, both versions. */
@Execution(ExecutionMode.CONCURRENT)
class TlsIT {
    private static final List<String> PROVIDERS = List.of("jdk", "openssl");
    private static final List<String> PROTOCOLS = List.of("TLSv1.2", "TLSv1.3");

    @TempDir
    static Path directory;

    private static Authority authority;
    private static final Map<String, TcpDoor> DOORS = new HashMap<>();

    @BeforeAll
    static void open() throws Exception {
        authority = Authority.in(directory);
        for (String provider : PROVIDERS) {
            for (String asked : List.of("none", "need")) {
                Map<String, Object> entries = authority.listener(provider, "TLSv1.3,TLSv1.2", asked);
                DOORS.put(provider + " " + asked, new TcpDoor(Limits.DEFAULT, entries));
            }
        }
    }

    @AfterAll
    static void close() {
        DOORS.values().forEach(TcpDoor::close);
    }

    static List<Arguments> everyWay() {
        List<Arguments> ways = new ArrayList<>();
        for (Library library : Library.values()) {
            for (String provider : PROVIDERS) {
                for (String protocol : PROTOCOLS) ways.add(Arguments.of(library, provider, protocol));
            }
        }
        return ways;
    }

    private static Visit visit(String door, Authority.Tls tls) {
        return Visit.of(House.unique("tls")).through(DOORS.get(door).port()).over(tls);
    }

    @ParameterizedTest(name = "{0}, {1}, {2}")
    @MethodSource("everyWay")
    void messagesSmallAndLargeGoBothWays(Library library, String provider, String protocol) throws Exception {
        byte[] large = new byte[900_000];
        new Random(3).nextBytes(large);
        // Its own: the others of this table use the same door at the same time.
        String topic = House.unique("large");
        try (Visitor client = library.connect(visit(provider + " none", authority.tls(null, protocol)))) {
            client.subscribe(topic, 2);
            client.publish(topic, "small", 1);
            client.publish(topic, large, 1, false);
            assertThat(client.inbox().await(2).get(0).text()).isEqualTo("small");
            assertThat(Arrays.equals(client.inbox().now().get(1).payload(), large))
                    .isTrue();
        }
    }

    @ParameterizedTest(name = "{0}, {1}, {2}")
    @MethodSource("everyWay")
    void aClientWithACertificateOfOursComesIn(Library library, String provider, String protocol) throws Exception {
        X509Bundle identity = authority.client(House.unique("pump"));
        try (Visitor client = library.connect(visit(provider + " need", authority.tls(identity, protocol)))) {
            String topic = House.unique("trusted");
            client.subscribe(topic, 1);
            client.publish(topic, "trusted", 1);
            assertThat(client.inbox().one().text()).isEqualTo("trusted");
        }
    }

    @ParameterizedTest(name = "{0}, {1}, {2}")
    @MethodSource("everyWay")
    void aClientWithoutACertificateStaysOut(Library library, String provider, String protocol) {
        Visit visit = visit(provider + " need", authority.tls(null, protocol));
        assertThatThrownBy(() -> library.connect(visit).close()).isInstanceOf(Exception.class);
    }

    @ParameterizedTest(name = "{0}, {1}, {2}")
    @MethodSource("everyWay")
    void aClientWithACertificateOfAnotherAuthorityStaysOut(
            Library library, String provider, String protocol, @TempDir Path elsewhere) throws Exception {
        X509Bundle stranger = Authority.in(elsewhere).client("pump");
        Visit visit = visit(provider + " need", authority.tls(stranger, protocol));
        assertThatThrownBy(() -> library.connect(visit).close()).isInstanceOf(Exception.class);
    }
}
