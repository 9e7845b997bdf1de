// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsReaderTest {
    private static final String PID = "io.courtier.listener.tcp";
    private final Map<String, Object> properties = new HashMap<>(Map.of("service.pid", PID + "~test"));

    /** As in the annotation types of the transports. */
    @interface Keys {
        String bind() default "127.0.0.1";

        int port() default 0;

        String allow_anonymous() default "";

        String proxy_protocol_from() default "";

        int connections_max() default 0;

        int connections_per_second() default 0;

        int handshake_timeout_ms() default 10_000;

        int backlog() default 1024;

        boolean no_delay() default true;

        int write_high_water_bytes() default 1024 * 1024;

        int write_low_water_bytes() default 0;

        int drain_seconds() default 5;

        String static$() default "";

        boolean tls() default false;

        String tls_certificate() default "";

        String tls_key() default "";

        String tls_key_password() default "";

        String tls_keystore() default "";

        String tls_keystore_password() default "";

        String tls_trust() default "";

        String tls_trust_password() default "";

        String tls_client_certificate() default "none";

        String tls_crl() default "";

        String tls_crl_expired() default "refuse";

        String tls_crl_missing() default "refuse";

        String tls_protocols() default "TLSv1.3,TLSv1.2";

        String tls_provider() default "auto";
    }

    private SettingsReaderTest set(String key, Object value) {
        properties.put(key, value);
        return this;
    }

    @Test
    void takesTheNameFromTheFile() {
        set("felix.fileinstall.filename", "file:/opt/courtier/etc/io.courtier.listener.tcp-plant.2.cfg");
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
        set("service.pid", "io.courtier.listener.tcp");
        assertThat(reader().name()).isEqualTo("tcp-default");
    }

    @Test
    void namesUnknownKeysOnly() {
        set("conections.max", 5)
                .set("bind", "127.0.0.1")
                .set("service.factoryPid", PID)
                .set("component.id", 7)
                .set("tls.key.password", "");
        assertThat(reader().unknownKeys()).containsExactly("conections.max");
    }

    @Test
    void readsKeysThatAreWordsOfJava() {
        set("static", " /srv/www ");
        assertThat(reader().word("static")).isEqualTo("/srv/www");
        assertThat(reader().unknownKeys()).isEmpty();
    }

    @Test
    void countsWhoElseSpeaksForClientsAsAProxy() throws Exception {
        assertThatThrownBy(() -> reader().listener(TrustedProxies.parse(java.util.List.of("10.0.0.0/8"))))
                .hasMessageContaining("allow.anonymous");
    }

    @Test
    void letsAnonymousClientsInOnLoopback() throws Exception {
        assertThat(read().anonymousAllowed()).isTrue();
        set("allow.anonymous", "false");
        assertThat(read().anonymousAllowed()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0,''", "'::',''", "192.0.2.1,''", "127.0.0.1,10.0.0.0/8"})
    void refusesToLetAnonymousClientsOfOtherMachinesInUnlessItIsSaid(String bind, String proxies) throws Exception {
        set("bind", bind).set("proxy.protocol.from", proxies);
        assertThatThrownBy(() -> read())
                .hasMessage("it would let anonymous clients in from other machines: say allow.anonymous=false (clients"
                        + " need credentials) or allow.anonymous=true in etc/io.courtier.listener.tcp-test.cfg");
        set("allow.anonymous", "true");
        assertThat(read().opensTheHouse()).isTrue();
        set("allow.anonymous", "false");
        assertThat(read().opensTheHouse()).isFalse();
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
        "no.delay, perhaps",
        "tls, yes",
    })
    void namesKeyAndFileOfWhatCannotBeMeant(String key, String value) {
        set(key, value);
        assertThatThrownBy(() -> read())
                .isInstanceOf(CannotOpen.class)
                .hasMessageStartingWith(key)
                .hasMessageContaining("in etc/io.courtier.listener.tcp-test.cfg");
    }

    @ParameterizedTest
    @CsvSource({
        "tls.protocols, TLSv1.1",
        "tls.provider, nss",
        "tls.client.certificate, yes",
        "tls.client.certificate, need",
        "tls.crl, lists",
        "tls.crl.expired, ignore",
        "tls.crl.missing, ignore"
    })
    void namesKeyAndFileOfTlsThatCannotBeMeant(String key, String value) {
        set("tls", true).set("tls.certificate", "a").set("tls.key", "b").set(key, value);
        assertThatThrownBy(() -> read())
                .hasMessageStartingWith(key)
                .hasMessageContaining("in etc/io.courtier.listener.tcp-test.cfg");
    }

    @Test
    void needsCertificateAndKeyOrAKeystore() {
        set("tls", true).set("tls.certificate", "a");
        assertThatThrownBy(() -> read()).hasMessageStartingWith("tls=true needs");
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

    private SettingsReader reader() {
        return new SettingsReader(PID, Keys.class, properties);
    }

    private ListenerSettings read() throws CannotOpen {
        return reader().listener(TrustedProxies.NONE);
    }
}
