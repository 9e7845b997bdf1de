// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationResult;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks responders (OCSP, RFC 6960) whether certificates are revoked. An answer may take seconds: it is waited for on one of
 * a few threads, before which a bounded queue waits, and the client has its result in time. What a responder says is
 * remembered for a while; that nobody answered is not. Any thread.
 */
final class OcspCheck implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OcspCheck.class);
    private static final long IDLE_SECONDS = 30;
    /** 1.3.6.1.5.5.7.48.1 */
    private static final byte[] ID_AD_OCSP = HexFormat.of().parseHex("06082b06010505073001");

    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** What is known of a path; the reason is null where all is well. */
    record Verdict(Status status, String why) {
        enum Status {
            GOOD,
            REVOKED,
            UNKNOWN
        }

        static final Verdict GOOD = new Verdict(Status.GOOD, "");
    }

    /** Waits for an answer: the JDK, and in tests something else. */
    interface Responder {
        Verdict ask(List<X509Certificate> path);
    }

    private record Remembered(Verdict verdict, long untilNanos) {}

    private final boolean hard;
    private final long timeoutMillis;
    private final int cacheMax;
    private final long cacheNanos;
    private final LongSupplier nanoClock;
    private final Responder responder;
    private final ThreadPoolExecutor threads;
    private final ScheduledThreadPoolExecutor timer;
    /** By the client's own certificate, the oldest first. */
    private final Map<X509Certificate, Remembered> cache = new LinkedHashMap<>();

    private long quietUntilNanos;
    private boolean spoken;

    /** @param hard whether a client is refused of whom no responder says anything */
    OcspCheck(
            boolean hard,
            int threads,
            int queueMax,
            long timeoutMillis,
            int cacheMax,
            long cacheNanos,
            LongSupplier nanoClock,
            Responder responder) {
        this.hard = hard;
        this.timeoutMillis = timeoutMillis;
        this.cacheMax = cacheMax;
        this.cacheNanos = cacheNanos;
        this.nanoClock = nanoClock;
        this.responder = responder;
        this.threads = new ThreadPoolExecutor(
                threads,
                threads,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(queueMax),
                OcspCheck::thread);
        this.threads.allowCoreThreadTimeOut(true);
        timer = new ScheduledThreadPoolExecutor(1, OcspCheck::thread);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "courtier-ocsp");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * The JDK's check. It waits 15 seconds for a responder at most, or as long as the system property
     * {@code com.sun.security.ocsp.timeout} says.
     *
     * @param url of the one responder, or null for those that certificates name
     * @param ownOnly whether authorities below the one in the trust store are not asked about
     */
    static Responder jdk(@Nullable URI url, boolean ownOnly) {
        return path -> {
            if (path.size() < 2) return unknown("no authority is known that could tell");
            Verdict worst = Verdict.GOOD;
            // One after the other, so that the silence about an authority does not hide a word about the client.
            for (int i = 0; i + 1 < path.size() && (i == 0 || !ownOnly); i++) {
                Verdict verdict = ask(path.get(i), path.get(i + 1), url);
                if (verdict.status() == Verdict.Status.REVOKED) return verdict;
                if (verdict.status() == Verdict.Status.UNKNOWN) worst = verdict;
            }
            return worst;
        };
    }

    private static Verdict ask(X509Certificate certificate, X509Certificate issuer, @Nullable URI url) {
        String whose = "serial=" + certificate.getSerialNumber().toString(16) + " of "
                + certificate.getIssuerX500Principal().getName();
        if (url == null && !namesResponder(certificate)) return unknown(whose + " names no responder");
        try {
            CertPathValidator validator = CertPathValidator.getInstance("PKIX");
            PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
            checker.setOptions(EnumSet.of(PKIXRevocationChecker.Option.NO_FALLBACK));
            if (url != null) checker.setOcspResponder(url);
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(issuer, null)));
            parameters.addCertPathChecker(checker);
            validator.validate(
                    CertificateFactory.getInstance("X.509").generateCertPath(List.of(certificate)), parameters);
            return Verdict.GOOD;
        } catch (CertPathValidatorException refused) {
            if (refused.getReason() == BasicReason.UNDETERMINED_REVOCATION_STATUS) {
                return unknown(whose + ": " + root(refused).getMessage());
            }
            // Also an answer that is wrong, which is worse than none.
            String what = refused.getReason() == BasicReason.REVOKED ? " is revoked: " : " cannot be believed: ";
            return new Verdict(
                    Verdict.Status.REVOKED, whose + what + root(refused).getMessage());
        } catch (GeneralSecurityException unfit) {
            return unknown(whose + ": " + unfit.getMessage());
        }
    }

    /** Whether its Authority Information Access has an id-ad-ocsp: then the JDK finds the address behind it. */
    private static boolean namesResponder(X509Certificate certificate) {
        byte[] access = certificate.getExtensionValue("1.3.6.1.5.5.7.1.1");
        if (access == null) return false;
        return new String(access, StandardCharsets.ISO_8859_1)
                .contains(new String(ID_AD_OCSP, StandardCharsets.ISO_8859_1));
    }

    private static Throwable root(Throwable thrown) {
        Throwable root = thrown;
        for (int i = 0; i < 10 && root.getCause() != null; i++) root = root.getCause();
        return root;
    }

    private static Verdict unknown(String why) {
        return new Verdict(Verdict.Status.UNKNOWN, why);
    }

    /** Answers with Deny, or with Abstain where nothing speaks against the client. */
    void check(List<X509Certificate> path, Consumer<AuthenticationResult> answer) {
        Verdict known = remembered(path.get(0));
        if (known != null) {
            answer.accept(result(known));
            return;
        }
        AtomicBoolean answered = new AtomicBoolean();
        Consumer<Verdict> first = verdict -> {
            if (answered.compareAndSet(false, true)) answer.accept(result(verdict));
        };
        try {
            Future<?> running = threads.submit(() -> first.accept(ask(path)));
            var unused = timer.schedule(
                    () -> {
                        // Out of the queue, if it is still there. At work, it ends by the JDK's own limit.
                        running.cancel(false);
                        first.accept(unknown("no answer within " + timeoutMillis + " ms"));
                    },
                    timeoutMillis,
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException full) {
            first.accept(unknown("too many clients wait for an answer: see queue.max"));
        }
    }

    private Verdict ask(List<X509Certificate> path) {
        try {
            Verdict verdict = responder.ask(path);
            if (verdict.status() != Verdict.Status.UNKNOWN) remember(path.get(0), verdict);
            return verdict;
        } catch (RuntimeException | LinkageError bug) {
            LOG.error("OCSP failed", bug);
            return unknown("internal error");
        }
    }

    private synchronized @Nullable Verdict remembered(X509Certificate own) {
        Remembered found = cache.get(own);
        if (found == null) return null;
        if (found.untilNanos() - nanoClock.getAsLong() > 0) return found.verdict();
        cache.remove(own);
        return null;
    }

    private synchronized void remember(X509Certificate own, Verdict verdict) {
        if (cacheMax == 0 || cacheNanos == 0) return;
        cache.remove(own);
        if (cache.size() >= cacheMax) cache.remove(cache.keySet().iterator().next());
        cache.put(own, new Remembered(verdict, nanoClock.getAsLong() + cacheNanos));
    }

    private AuthenticationResult result(Verdict verdict) {
        return switch (verdict.status()) {
            case GOOD -> new AuthenticationResult.Abstain();
            case REVOKED ->
                new AuthenticationResult.Deny(ReasonCode.NOT_AUTHORIZED, "its certificate " + verdict.why());
            case UNKNOWN -> {
                sayUnknown(verdict.why());
                yield hard
                        ? new AuthenticationResult.Deny(
                                ReasonCode.SERVER_UNAVAILABLE,
                                "nobody says whether its certificate is revoked: " + verdict.why())
                        : new AuthenticationResult.Abstain();
            }
        };
    }

    private synchronized void sayUnknown(String why) {
        long now = nanoClock.getAsLong();
        if (spoken && now - quietUntilNanos < 0) return;
        spoken = true;
        quietUntilNanos = now + QUIET_NANOS;
        LOG.warn(
                "OCSP gives no answer ({}): clients with certificates are {}",
                why,
                hard ? "refused, since mode=hard" : "judged without one, since mode=soft");
    }

    /** Answers those who wait and takes no more. */
    @Override
    public void close() {
        threads.shutdown();
        // Its tasks are for those who still wait, and run all the same.
        timer.shutdown();
    }
}
