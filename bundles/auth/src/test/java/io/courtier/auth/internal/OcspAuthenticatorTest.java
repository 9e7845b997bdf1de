// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.AuthenticationResult.Abstain;
import io.courtier.spi.auth.AuthenticationResult.Deny;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.TlsInfo;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OcspAuthenticatorTest {
    private static final List<X509Certificate> PATH = path();

    private final AtomicLong now = new AtomicLong();
    private final AtomicInteger asked = new AtomicInteger();

    @Test
    void leavesEverybodyToOthersWhereItIsOffOrThereIsNoCertificate() throws Exception {
        assertThat(answer(from("mode", "off"), PATH)).isEqualTo(new Abstain());
        assertThat(answer(from("mode", "hard"), List.of())).isEqualTo(new Abstain());
        assertThat(answer(from("mode", "hard", "listeners", "other"), PATH)).isEqualTo(new Abstain());
    }

    @Test
    void refusesWhoeverNobodySaysAnythingAboutWhereItIsHard() throws Exception {
        try (Logged logged = new Logged()) {
            // The certificate names no responder.
            assertThat(answer(from("mode", "hard"), PATH))
                    .isInstanceOfSatisfying(
                            Deny.class, deny -> assertThat(deny.reason()).isEqualTo(ReasonCode.SERVER_UNAVAILABLE));
            assertThat(answer(from("mode", "soft"), PATH)).isEqualTo(new Abstain());
            assertThat(logged.lines("WARN")).hasSize(2).allMatch(line -> line.contains("OCSP gives no answer"));
        }
    }

    @Test
    void letsNoCertificateInWhileTheFileCannotBeUnderstood() throws Exception {
        try (Logged logged = new Logged()) {
            assertThat(answer(from("mode", "sometimes"), PATH)).isInstanceOf(Deny.class);
            assertThat(answer(from("mode", "soft", "url", "ldap://x"), PATH)).isInstanceOf(Deny.class);
            assertThat(answer(from("mode", "soft", "certificates", "all"), PATH))
                    .isInstanceOf(Deny.class);
            assertThat(logged.lines("ERROR")).hasSize(3);
        }
    }

    @Test
    void answersInTimeWhenTheResponderDoesNot() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            OcspAuthenticator slow =
                    from("mode", "hard", "url", "http://127.0.0.1:" + silent.getLocalPort(), "timeout.ms", 200);
            assertThat(answer(slow, PATH)).isInstanceOfSatisfying(Deny.class, deny -> assertThat(deny.why())
                    .endsWith("no answer within 200 ms"));
        }
    }

    @Test
    void remembersWhatAResponderSaidForAWhile() throws Exception {
        OcspCheck.Verdict revoked = new OcspCheck.Verdict(OcspCheck.Verdict.Status.REVOKED, "is revoked");
        try (OcspCheck check = check(path -> asked.incrementAndGet() == 1 ? OcspCheck.Verdict.GOOD : revoked)) {
            assertThat(answer(check)).isEqualTo(new Abstain());
            now.addAndGet(TimeUnit.SECONDS.toNanos(59));
            assertThat(answer(check)).isEqualTo(new Abstain());
            now.addAndGet(TimeUnit.SECONDS.toNanos(1));
            assertThat(answer(check)).isEqualTo(new Deny(ReasonCode.NOT_AUTHORIZED, "its certificate is revoked"));
            assertThat(asked).hasValue(2);
        }
    }

    @Test
    void remembersNoSilence() throws Exception {
        try (OcspCheck check = check(path -> asked.incrementAndGet() == 1
                ? new OcspCheck.Verdict(OcspCheck.Verdict.Status.UNKNOWN, "down")
                : OcspCheck.Verdict.GOOD)) {
            assertThat(answer(check)).isInstanceOf(Deny.class);
            assertThat(answer(check)).isEqualTo(new Abstain());
        }
    }

    @Test
    void hasBoundsForThoseWhoWait() throws Exception {
        CountDownLatch late = new CountDownLatch(1);
        try (OcspCheck check = check(path -> {
            try {
                late.await();
            } catch (InterruptedException ended) {
                throw new IllegalStateException(ended);
            }
            return OcspCheck.Verdict.GOOD;
        })) {
            CompletableFuture<AuthenticationResult> atWork = new CompletableFuture<>();
            CompletableFuture<AuthenticationResult> waits = new CompletableFuture<>();
            check.check(PATH, atWork::complete);
            check.check(PATH, waits::complete);
            assertThat(answer(check)).isInstanceOfSatisfying(Deny.class, deny -> assertThat(deny.why())
                    .contains("see queue.max"));
            late.countDown();
            assertThat(atWork.get(10, TimeUnit.SECONDS)).isEqualTo(new Abstain());
            assertThat(waits.get(10, TimeUnit.SECONDS)).isEqualTo(new Abstain());
        }
    }

    private OcspCheck check(OcspCheck.Responder responder) {
        return new OcspCheck(true, 1, 1, 10_000, 10, TimeUnit.SECONDS.toNanos(60), now::get, responder);
    }

    private static AuthenticationResult answer(OcspCheck check) throws Exception {
        CompletableFuture<AuthenticationResult> answer = new CompletableFuture<>();
        check.check(PATH, answer::complete);
        return answer.get(10, TimeUnit.SECONDS);
    }

    private static AuthenticationResult answer(OcspAuthenticator component, List<X509Certificate> path)
            throws Exception {
        CompletableFuture<AuthenticationResult> answer = new CompletableFuture<>();
        TlsInfo tls = new TlsInfo("TLSv1.3", "TLS_AES_128_GCM_SHA256", null, path);
        ConnectionInfo connection = new ConnectionInfo("tcp-tls", "tls", "192.0.2.7", 4711, false, tls);
        component.authenticate(Presents.on(connection, "joe", "secret"), answer::complete);
        try {
            return answer.get(10, TimeUnit.SECONDS);
        } finally {
            component.deactivate();
        }
    }

    private static OcspAuthenticator from(Object... entries) {
        Map<String, Object> said = new HashMap<>();
        for (int i = 0; i < entries.length; i += 2) said.put((String) entries[i], entries[i + 1]);
        OcspAuthenticator.Config config = (OcspAuthenticator.Config) Proxy.newProxyInstance(
                OcspAuthenticatorTest.class.getClassLoader(),
                new Class<?>[] {OcspAuthenticator.Config.class},
                (proxy, method, none) ->
                        said.getOrDefault(method.getName().replace('_', '.'), method.getDefaultValue()));
        return new OcspAuthenticator(config, Map.of());
    }

    private static List<X509Certificate> path() {
        try {
            X509Bundle root = new CertificateBuilder()
                    .ecp256()
                    .subject("CN=Root")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
            X509Bundle pump =
                    new CertificateBuilder().ecp256().subject("CN=pump-7").buildIssuedBy(root);
            return List.of(pump.getCertificate(), root.getCertificate());
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
