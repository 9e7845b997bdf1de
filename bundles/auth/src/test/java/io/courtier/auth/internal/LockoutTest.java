// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.transport.ConnectionInfo;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LockoutTest {
    private long now = Long.MAX_VALUE - 1_000;
    private final Lockout lockout = of(Map.of("user.failures", 3, "address.failures", 5));

    @Test
    void locksAUserNameAtOneAddressOnly() {
        fail("192.0.2.1", "joe", 3);
        assertThat(lockout.refuses(by("192.0.2.1", "joe")).reason()).isEqualTo(ReasonCode.CONNECTION_RATE_EXCEEDED);
        assertThat(lockout.refuses(by("192.0.2.2", "joe")))
                .as("its owner elsewhere")
                .isNull();
        assertThat(lockout.refuses(by("192.0.2.1", "ann"))).isNull();
    }

    @Test
    void locksAnAddressThatTriesManyNames() {
        for (int i = 0; i < 5; i++) fail("192.0.2.1", "user-" + i, 1);
        assertThat(lockout.refuses(by("192.0.2.1", "another"))).isNotNull();
        assertThat(lockout.refuses(by("192.0.2.2", "another"))).isNull();
    }

    @Test
    void opensAgainWhenItsTimeIsOver() {
        fail("192.0.2.1", "joe", 3);
        now += TimeUnit.SECONDS.toNanos(299);
        assertThat(lockout.refuses(by("192.0.2.1", "joe"))).isNotNull();
        now += TimeUnit.SECONDS.toNanos(1);
        assertThat(lockout.refuses(by("192.0.2.1", "joe"))).isNull();
        fail("192.0.2.1", "joe", 2);
        assertThat(lockout.refuses(by("192.0.2.1", "joe"))).as("counted anew").isNull();
    }

    @Test
    void countsWithinTheWindowOnly() {
        fail("192.0.2.1", "joe", 2);
        now += TimeUnit.SECONDS.toNanos(61);
        fail("192.0.2.1", "joe", 2);
        assertThat(lockout.refuses(by("192.0.2.1", "joe"))).isNull();
    }

    @Test
    void forgivesAUserWhoRemembersItsPasswordButNotTheAddress() {
        fail("192.0.2.1", "joe", 2);
        lockout.judged(by("192.0.2.1", "joe"), true);
        fail("192.0.2.1", "joe", 2);
        assertThat(lockout.refuses(by("192.0.2.1", "joe"))).isNull();
        fail("192.0.2.1", "ann", 1);
        assertThat(lockout.refuses(by("192.0.2.1", "bob")))
                .as("five failures of the address")
                .isNotNull();
    }

    @Test
    void countsExchangesWithoutAUserNameByTheirAddress() {
        for (int i = 0; i < 5; i++) lockout.judged(by("192.0.2.1", null), false);
        assertThat(lockout.refuses(by("192.0.2.1", "joe"))).isNotNull();
    }

    @Test
    void watchesNobodyOfThisMachineUnlessItIsToldTo() {
        fail("127.0.0.1", "joe", 10);
        assertThat(lockout.refuses(by("127.0.0.1", "joe"))).isNull();
        Lockout strict = of(Map.of("user.failures", 1, "loopback", true));
        strict.judged(by("127.0.0.1", "joe"), false);
        assertThat(strict.refuses(by("127.0.0.1", "joe"))).isNotNull();
    }

    @Test
    void neverLocksWhereItIsToldSo() {
        Lockout off = of(Map.of("user.failures", 0, "address.failures", 0));
        for (int i = 0; i < 100; i++) off.judged(by("192.0.2.1", "joe"), false);
        assertThat(off.refuses(by("192.0.2.1", "joe"))).isNull();
    }

    @Test
    void watchesABoundedNumberAndKeepsTheLocked() {
        Failures failures = new Failures(2, 1_000, 1_000, 3);
        failures.failed("bad", 0);
        failures.failed("bad", 0);
        for (int i = 0; i < 100; i++) failures.failed("other-" + i, 1);
        assertThat(failures.watched()).isEqualTo(3);
        assertThat(failures.isLocked("bad", 2)).isTrue();
    }

    private void fail(String address, String user, int times) {
        for (int i = 0; i < times; i++) lockout.judged(by(address, user), false);
    }

    private static AuthenticationRequest by(String address, String user) {
        return Presents.on(
                new ConnectionInfo("tcp-default", "tcp", address, 4711, false, null),
                user,
                user == null ? null : "guess");
    }

    private Lockout of(Map<String, Object> values) {
        Lockout.Config config = (Lockout.Config) Proxy.newProxyInstance(
                Lockout.Config.class.getClassLoader(),
                new Class<?>[] {Lockout.Config.class},
                (proxy, method, arguments) ->
                        values.getOrDefault(method.getName().replace('_', '.'), method.getDefaultValue()));
        return new Lockout(config, Map.of(), () -> now);
    }
}
