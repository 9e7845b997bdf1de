// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsReaderTest {
    private final TestConfig config = new TestConfig();

    @Test
    void takesTheNameFromTheFile() {
        config.set("felix.fileinstall.filename", "file:/opt/courtier/etc/io.courtier.listener.tcp-plant.2.cfg");
        assertThat(reader().name()).isEqualTo("tcp-plant.2");
        assertThat(reader().file()).isEqualTo("etc/io.courtier.listener.tcp-plant.2.cfg");
    }

    @Test
    void takesTheNameFromThePid() {
        assertThat(reader().name()).isEqualTo("tcp-test");
        assertThat(reader().file()).isEqualTo("etc/io.courtier.listener.tcp-test.cfg");
    }

    @Test
    void hasANameWithoutEither() {
        config.set("service.pid", "io.courtier.listener.tcp");
        assertThat(reader().name()).isEqualTo("tcp-default");
    }

    @Test
    void namesUnknownKeysOnly() {
        config.set("conections.max", 5)
                .set("bind", "127.0.0.1")
                .set("service.factoryPid", SettingsReader.FACTORY_PID)
                .set("component.id", 7)
                .set("tls.key.password", "");
        assertThat(reader().unknownKeys()).containsExactly("conections.max");
    }

    @Test
    void letsAnonymousClientsInOnLoopback() throws Exception {
        assertThat(reader().read().anonymousAllowed()).isTrue();
        config.set("allow.anonymous", "false");
        assertThat(reader().read().anonymousAllowed()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0,''", "'::',''", "192.0.2.1,''", "127.0.0.1,10.0.0.0/8"})
    void refusesToLetAnonymousClientsOfOtherMachinesInUnlessItIsSaid(String bind, String proxies) throws Exception {
        config.set("bind", bind).set("proxy.protocol.from", proxies);
        assertThatThrownBy(() -> reader().read())
                .hasMessage("it would let anonymous clients in from other machines: say allow.anonymous=false (clients"
                        + " need credentials) or allow.anonymous=true in etc/io.courtier.listener.tcp-test.cfg");
        config.set("allow.anonymous", "true");
        assertThat(reader().read().opensTheHouse()).isTrue();
        config.set("allow.anonymous", "false");
        assertThat(reader().read().opensTheHouse()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "port, 70000",
        "port, mqtt",
        "bind, ''",
        "allow.anonymous, maybe",
        "connections.max, -1",
        "handshake.timeout.ms, 0",
        "drain.seconds, 3600",
        "proxy.protocol.from, proxy.example",
        "proxy.protocol.from, 10.0.0.0/33",
        "write.high.water.bytes, 10",
    })
    void namesKeyAndFileOfWhatCannotBeMeant(String key, String value) {
        config.set(key, value);
        assertThatThrownBy(() -> reader().read())
                .isInstanceOf(CannotOpen.class)
                .hasMessageStartingWith(key)
                .hasMessageContaining("in etc/io.courtier.listener.tcp-test.cfg");
    }

    @ParameterizedTest
    @CsvSource({
        "tls.protocols, TLSv1.1",
        "tls.provider, nss",
        "tls.client.certificate, yes",
        "tls.client.certificate, need"
    })
    void namesKeyAndFileOfTlsThatCannotBeMeant(String key, String value) {
        config.set("tls", true).set("tls.certificate", "a").set("tls.key", "b").set(key, value);
        assertThatThrownBy(() -> reader().read())
                .hasMessageStartingWith(key)
                .hasMessageContaining("in etc/io.courtier.listener.tcp-test.cfg");
    }

    @Test
    void needsCertificateAndKeyOrAKeystore() {
        config.set("tls", true).set("tls.certificate", "a");
        assertThatThrownBy(() -> reader().read()).hasMessageStartingWith("tls=true needs");
    }

    @Test
    void matchesAddressesAndNetworks() {
        TrustedProxies proxies =
                TrustedProxies.parse(java.util.List.of("10.0.0.0/8", "192.0.2.5", "2001:db8::/32", "::1"));
        assertThat(proxies.contains(new InetSocketAddress("10.255.0.1", 1))).isTrue();
        assertThat(proxies.contains(new InetSocketAddress("11.0.0.1", 1))).isFalse();
        assertThat(proxies.contains(new InetSocketAddress("192.0.2.5", 1))).isTrue();
        assertThat(proxies.contains(new InetSocketAddress("192.0.2.6", 1))).isFalse();
        assertThat(proxies.contains(new InetSocketAddress("2001:db8:1::9", 1))).isTrue();
        assertThat(proxies.contains(new InetSocketAddress("::1", 1))).isTrue();
        assertThat(proxies.contains(new InetSocketAddress("::2", 1))).isFalse();
    }

    @Test
    void staysClosedAndSaysWhyInsteadOfThrowing() {
        try (TestLoops loops = new TestLoops("nio")) {
            TcpListener listener = config.set("bind", "0.0.0.0").open(loops, new Guests());
            assertThat(listener.state()).isEqualTo(TcpListener.State.FAILED);
            assertThat(listener.problem()).contains("allow.anonymous=false");
            TestConfig corrected = new TestConfig().set("allow.anonymous", "false");
            listener.modified(corrected.config(), corrected.properties());
            assertThat(listener.state()).isEqualTo(TcpListener.State.OPEN);
            TestConfig wrong = new TestConfig().set("port", "x");
            listener.modified(wrong.config(), wrong.properties());
            assertThat(listener.state()).isEqualTo(TcpListener.State.FAILED);
            listener.deactivate();
            assertThat(listener.state()).isEqualTo(TcpListener.State.CLOSED);
        }
    }

    private SettingsReader reader() {
        return new SettingsReader(config.config(), config.properties());
    }
}
