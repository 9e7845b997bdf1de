// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks tokens: first that the algorithm is one of ours, then the signature by each key that is for this algorithm, then
 * what the claims say. A token that names a key which the URL may have since is checked once more after a fetch. On threads
 * of its own.
 */
final class JwtCheck implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JwtCheck.class);
    private static final long IDLE_SECONDS = 30;

    private final Set<String> algorithms;
    private final AlgorithmConstraints constraints;
    private final JwtRules rules;
    private final List<JwtKeyFile> files;
    private final @Nullable JwksUrl url;
    private final Clock clock;
    private final ThreadPoolExecutor threads;

    JwtCheck(
            Set<String> algorithms,
            JwtRules rules,
            List<JwtKeyFile> files,
            @Nullable JwksUrl url,
            int threads,
            int queueMax,
            Clock clock) {
        this.algorithms = algorithms;
        this.constraints = new AlgorithmConstraints(ConstraintType.PERMIT, algorithms.toArray(new String[0]));
        this.rules = rules;
        this.files = files;
        this.url = url;
        this.clock = clock;
        this.threads = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queueMax), task -> {
                    Thread thread = new Thread(task, "courtier-jwt");
                    thread.setDaemon(true);
                    return thread;
                });
        this.threads.allowCoreThreadTimeOut(true);
    }

    void start() {
        files.forEach(JwtKeyFile::start);
        if (url != null) url.start();
    }

    /** Whether a password has three parts in base64url with dots, the first of them a JSON object. */
    static boolean looksLikeToken(byte[] password) {
        int[] dots = new int[2];
        int count = 0;
        for (int i = 0; i < password.length; i++) {
            byte b = password[i];
            if (b == '.') {
                if (count == 2) return false;
                dots[count++] = i;
            } else if (!(b >= 'a' && b <= 'z'
                    || b >= 'A' && b <= 'Z'
                    || b >= '0' && b <= '9'
                    || b == '-'
                    || b == '_')) {
                return false;
            }
        }
        if (count != 2) return false;
        try {
            byte[] header = Base64.getUrlDecoder().decode(Arrays.copyOf(password, dots[0]));
            String text = new String(header, StandardCharsets.UTF_8).strip();
            return text.startsWith("{") && text.endsWith("}");
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    /** Any thread; answers on any. */
    void check(byte[] token, AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        check(token, request, answer, true);
    }

    private void check(
            byte[] token, AuthenticationRequest request, Consumer<AuthenticationResult> answer, boolean mayFetch) {
        try {
            threads.execute(() -> {
                List<JwtKey> fetched = fetched();
                AuthenticationResult result = judge(token, request, fetched);
                if (result == null && url != null && mayFetch) {
                    if (url.refresh(() -> check(token, request, answer, false))) return;
                    // A fetch may have ended since the keys were looked at: then none is begun so soon.
                    List<JwtKey> since = fetched();
                    if (since != fetched) result = judge(token, request, since);
                }
                answer.accept(result == null ? unknownKey() : result);
            });
        } catch (RejectedExecutionException full) {
            answer.accept(new AuthenticationResult.Deny(
                    ReasonCode.SERVER_BUSY, "too many tokens wait to be checked: see queue.max"));
        }
    }

    private List<JwtKey> fetched() {
        return url == null ? List.of() : url.keys();
    }

    private AuthenticationResult unknownKey() {
        return url == null || url.isGood()
                ? JwtRules.deny("its token is signed by a key that nobody here knows")
                : new AuthenticationResult.Deny(
                        ReasonCode.SERVER_UNAVAILABLE, "the keys of tokens could not be fetched: see jwks.url");
    }

    /** Null: the URL has no key of that name, but may have it by now. */
    private @Nullable AuthenticationResult judge(byte[] token, AuthenticationRequest request, List<JwtKey> fetched) {
        try {
            JsonWebSignature signed = new JsonWebSignature();
            signed.setCompactSerialization(new String(token, StandardCharsets.US_ASCII));
            signed.setAlgorithmConstraints(constraints);
            if (!(signed.getHeaders().getObjectHeaderValue("alg") instanceof String algorithm)
                    || !algorithms.contains(algorithm)) {
                return JwtRules.deny("its token is signed by an algorithm that is not allowed");
            }
            if (signed.getHeaders().getObjectHeaderValue("crit") != null) {
                return JwtRules.deny("its token has a header that must be understood, and is not");
            }
            String kid = signed.getHeaders().getObjectHeaderValue("kid") instanceof String named ? named : null;
            for (JwtKey each : keys(fetched, algorithm, kid)) {
                if (!isSignedBy(signed, each)) continue;
                Map<String, Object> claims = JsonUtil.parseJson(signed.getPayload());
                return rules.judge(claims, request, clock.millis());
            }
            boolean isKnown = url == null || fetched.stream().anyMatch(key -> isNamed(key, kid));
            return isKnown ? JwtRules.deny("its token is not signed by a key that is known for " + algorithm) : null;
        } catch (JoseException broken) {
            // Its message has the token in it.
            return JwtRules.deny("its token cannot be read");
        } catch (RuntimeException bug) {
            LOG.error("a token could not be checked: {}", bug.getClass().getName());
            return JwtRules.deny("its token cannot be read");
        }
    }

    private List<JwtKey> keys(List<JwtKey> fetched, String algorithm, @Nullable String kid) {
        List<JwtKey> all = new ArrayList<>();
        for (JwtKeyFile file : files) all.addAll(file.keys());
        all.addAll(fetched);
        all.removeIf(key -> !key.isFor(algorithm) || kid != null && key.kid() != null && !isNamed(key, kid));
        return all;
    }

    private static boolean isNamed(JwtKey key, @Nullable String kid) {
        return kid != null && kid.equals(key.kid());
    }

    private static boolean isSignedBy(JsonWebSignature signed, JwtKey key) {
        try {
            signed.setKey(key.key());
            return signed.verifySignature();
        } catch (JoseException e) {
            return false;
        }
    }

    /** Answers those who wait and takes no more. */
    @Override
    public void close() {
        files.forEach(JwtKeyFile::close);
        if (url != null) url.close();
        threads.shutdown();
    }
}
