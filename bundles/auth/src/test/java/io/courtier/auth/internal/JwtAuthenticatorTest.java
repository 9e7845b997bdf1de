// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.EnhancedAuthenticator.Answer;
import io.courtier.spi.auth.Grants;
import io.courtier.spi.auth.Principal;
import io.courtier.spi.transport.ConnectionInfo;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.crypto.spec.SecretKeySpec;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class JwtAuthenticatorTest {
    private static final long NOW = 1_800_000_000;
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(NOW), ZoneOffset.UTC);
    private static final String SECRET = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static final Key HMAC = new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HMAC");
    private static final KeyPair RSA = pair("RSA", 2048);
    private static final KeyPair OTHER_RSA = pair("RSA", 2048);
    private static final Map<Integer, KeyPair> CURVES =
            Map.of(256, pair("EC", 256), 384, pair("EC", 384), 512, pair("EC", 521));
    private static final KeyPair ED25519 = pair("Ed25519", 0);

    @TempDir
    Path directory;

    private JwtAuthenticator component;
    private HttpServer server;

    @AfterEach
    void end() {
        if (component != null) component.deactivate();
        if (server != null) server.stop(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
                "ES512", "EdDSA"
            })
    void letsInByEveryAlgorithmAndByNoOtherKey(String algorithm) throws Exception {
        open(everyKey());
        Principal principal = allowed(token(algorithm, signer(algorithm), null, claims()));
        assertThat(principal.userName()).isEqualTo("ann");
        assertThat(principal.roles()).containsExactlyInAnyOrder("operator", "guest");
        assertThat(principal.expiresAtMillis()).isEqualTo((NOW + 60 + 30) * 1_000);
        denied(tampered(token(algorithm, signer(algorithm), null, claims())), "not signed by a key");
        if (algorithm.startsWith("RS")) {
            denied(token(algorithm, OTHER_RSA.getPrivate(), null, claims()), "not signed by a key");
        }
    }

    @Test
    void neverTakesATokenThatNobodySigned() throws Exception {
        open(everyKey());
        String none = part("{\"alg\":\"none\"}") + "." + part("{\"sub\":\"ann\",\"exp\":" + (NOW + 60) + "}") + ".";
        denied(none, "algorithm that is not allowed");
        denied(none.replace(part("{\"alg\":\"none\"}"), part("{\"alg\":\"None\"}")), "algorithm that is not allowed");
        denied(none.replace(part("{\"alg\":\"none\"}"), part("{}")), "algorithm that is not allowed");
        denied(none.replace(part("{\"alg\":\"none\"}"), part("{\"alg\":\"RS256\"}")), "not signed by a key");
        denied(none.replace(part("{\"alg\":\"none\"}"), part("{\"alg\":\"HS256\"}")), "not signed by a key");
        denied(none.replace(part("{\"alg\":\"none\"}"), part("{\"alg\":7}")), "");
    }

    @Test
    void neverTakesAPublicKeyAsASecret() throws Exception {
        open(Map.of("public_key_files", pem("rsa.pem", RSA), "jwks_file", set("set.json", Map.of("k", RSA))));
        for (byte[] known : List.of(
                RSA.getPublic().getEncoded(),
                Files.readAllBytes(directory.resolve("rsa.pem")),
                Files.readString(directory.resolve("rsa.pem")).strip().getBytes(StandardCharsets.UTF_8),
                Files.readAllBytes(directory.resolve("set.json")))) {
            denied(token("HS256", new SecretKeySpec(known, "HMAC"), null, claims()), "not signed by a key");
            denied(token("HS256", new SecretKeySpec(known, "HMAC"), "k", claims()), "not signed by a key");
        }
    }

    @Test
    void takesAnAlgorithmOnlyWhereItIsAllowed() throws Exception {
        Map<String, Object> config = new HashMap<>(everyKey());
        config.put("algorithms", "ES256, PS256");
        open(config);
        allowed(token("ES256", signer("ES256"), null, claims()));
        allowed(token("PS256", signer("PS256"), null, claims()));
        denied(token("RS256", signer("RS256"), null, claims()), "algorithm that is not allowed");
        denied(token("HS256", signer("HS256"), null, claims()), "algorithm that is not allowed");
    }

    @Test
    void takesNoSecretThatIsShorterThanTheHash() throws Exception {
        Files.writeString(directory.resolve("secret"), SECRET.substring(0, 32));
        open(Map.of("secret_file", directory.resolve("secret").toString()));
        Key secret = new SecretKeySpec(SECRET.substring(0, 32).getBytes(StandardCharsets.UTF_8), "HMAC");
        allowed(token("HS256", secret, null, claims()));
        denied(token("HS512", secret, null, claims()), "not signed by a key");
    }

    @ParameterizedTest
    @CsvSource({
        "exp, 60, true",
        "exp, -29, true",
        "exp, -30, false",
        "exp, -3600, false",
        "nbf, 30, true",
        "nbf, 31, false",
        "iat, 30, true",
        "iat, 31, false",
        "nbf, -5, true"
    })
    void looksAtTheTimeWithSomeLeeway(String claim, long seconds, boolean right) throws Exception {
        open(everyKey());
        String token = hs(claims().with(claim, NOW + seconds));
        if (right) allowed(token);
        else denied(token, claim.equals("exp") ? "expired" : "not valid yet");
    }

    @Test
    void wantsAnEnd() throws Exception {
        open(everyKey());
        denied(hs(claims().without("exp")), "exp is missing");
        denied(hs(claims().with("exp", "soon")), "exp is no time");
        denied(hs(claims().with("exp", -1e300)), "expired");
        assertThat(allowed(hs(claims().with("exp", 1e300))).expiresAtMillis()).isPositive();
    }

    @Test
    void looksAtIssuerAndAudience() throws Exception {
        Map<String, Object> config = new HashMap<>(everyKey());
        config.put("issuer", "https://one, https://two");
        config.put("audience", "mqtt");
        open(config);
        allowed(hs(claims().with("iss", "https://two").with("aud", "mqtt")));
        allowed(hs(claims().with("iss", "https://one").with("aud", List.of("web", "mqtt"))));
        denied(hs(claims().with("iss", "https://three").with("aud", "mqtt")), "another issuer");
        denied(hs(claims().with("aud", "mqtt")), "another issuer");
        denied(hs(claims().with("iss", List.of("https://one")).with("aud", "mqtt")), "another issuer");
        denied(hs(claims().with("iss", "https://one").with("aud", "web")), "another audience");
        denied(hs(claims().with("iss", "https://one")), "another audience");
        denied(hs(claims().with("iss", "https://one").with("aud", 7)), "aud is no list");
    }

    @Test
    void comparesTheClientIdentifierWhereTheTokenHasOne() throws Exception {
        Map<String, Object> config = new HashMap<>(everyKey());
        config.put("client_id_claim", "client");
        open(config);
        allowed(hs(claims()));
        allowed(hs(claims().with("client", "pump-7")));
        denied(hs(claims().with("client", "pump-8")), "another client identifier");
        denied(hs(claims().with("client", List.of("pump-7"))), "another client identifier");
    }

    @Test
    void comparesTheUserNameWhereThatIsWanted() throws Exception {
        Map<String, Object> config = new HashMap<>(everyKey());
        config.put("user_must_match", true);
        open(config);
        assertThat(answer("ann", hs(claims()))).isInstanceOf(AuthenticationResult.Allow.class);
        for (String other : new String[] {"eve", "", null}) {
            assertThat(answer(other, hs(claims()))).isInstanceOf(AuthenticationResult.Deny.class);
        }
    }

    @Test
    void findsUserAndRolesWhereTheIssuerPutsThem() throws Exception {
        Map<String, Object> config = new HashMap<>(everyKey());
        config.put("user_claim", "preferred_username");
        config.put("roles_claim", "realm_access.roles");
        open(config);
        Principal keycloaks = allowed(hs(
                claims().with("preferred_username", "bob").with("realm_access", Map.of("roles", List.of("a", "b")))));
        assertThat(keycloaks.userName()).isEqualTo("bob");
        assertThat(keycloaks.roles()).containsExactlyInAnyOrder("a", "b");
        Principal flat = allowed(hs(claims().with("preferred_username", "bob").with("realm_access.roles", " x  y x")));
        assertThat(flat.roles()).containsExactlyInAnyOrder("x", "y");
        assertThat(allowed(hs(claims().with("preferred_username", "bob"))).roles())
                .isEmpty();
        denied(hs(claims()), "no user name");
        denied(hs(claims().with("preferred_username", " ")), "no user name");
        denied(hs(claims().with("preferred_username", "a\nb")), "control characters");
        denied(hs(claims().with("preferred_username", "bob").with("realm_access.roles", 7)), "is no list");
        denied(
                hs(claims().with("preferred_username", "bob").with("realm_access.roles", List.of(7))),
                "no list of texts");
    }

    @Test
    void tellsTheClaimsThatAccessRulesMayAskFor() throws Exception {
        Map<String, Object> config = new HashMap<>(everyKey());
        config.put("attributes", "tenant, site = plant.site, https=https://example.org/x, missing");
        open(config);
        Principal ann = allowed(hs(claims().with("tenant", "acme")
                .with("plant", Map.of("site", 7))
                .with("https://example.org/x", true)
                .with("other", "x")));
        assertThat(ann.attributes())
                .containsOnly(Map.entry("tenant", "acme"), Map.entry("site", "7"), Map.entry("https", "true"));
        assertThat(allowed(hs(claims())).attributes()).isEmpty();
        denied(hs(claims().with("tenant", List.of("acme"))), "tenant is no text, whole number, true or false");
        denied(hs(claims().with("tenant", 1.5)), "tenant is no text, whole number, true or false");
        denied(hs(claims().with("tenant", "a\nb")), "tenant has control characters");
        denied(hs(claims().with("tenant", "x".repeat(1_025))), "tenant has more than 1024 characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a/b", "=x", "a=", "a=x, a=y"})
    void saysWhatIsWrongWithTheNameOfAnAttribute(String attributes) {
        assertThatThrownBy(() -> open(Map.of("secret_file", "x", "attributes", attributes)))
                .hasMessageContaining("attributes=");
    }

    @Test
    void tellsTheTopicsThatATokenGrants() throws Exception {
        Map<String, Object> config = new HashMap<>(everyKey());
        config.put("acl_publish_claim", "acl.pub");
        config.put("acl_subscribe_claim", "acl.sub");
        open(config);
        Principal ann = allowed(hs(claims().with("acl", Map.of("pub", List.of("a/#", "b c"), "sub", "x/+ y"))));
        assertThat(ann.grants().publish()).hasToString("[a/#, b c]");
        assertThat(ann.grants().subscribe()).hasToString("[x/+, y]");
        assertThat(allowed(hs(claims())).grants()).isEqualTo(Grants.NONE);
        for (Object wrong : List.of(List.of("a/#/b"), List.of("$share/g/a"), List.of(""), "a#")) {
            denied(hs(claims().with("acl", Map.of("pub", wrong))), "acl.pub has what is no topic filter");
        }
        denied(hs(claims().with("acl", Map.of("sub", 7))), "acl.sub is no list");
        List<String> many = IntStream.range(0, 101).mapToObj(i -> "t/" + i).toList();
        denied(hs(claims().with("acl", Map.of("sub", many))), "acl.sub has more than 100 topic filters");
        allowed(hs(claims().with("acl", Map.of("sub", many.subList(1, 101)))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "swordfish",
                "a.b.c",
                "..",
                "eyJhbGciOiJIUzI1NiJ9.x",
                "eyJhbGciOiJIUzI1NiJ9.x.y.z",
                "eyJhbGciOiJIUzI1NiJ9.x.y ",
                "W10.x.y",
                "eyJhbGciOiJIUzI1NiJ9.x.y=",
                "eyJhbGciOiJIUzI1NiJ9.ü.y"
            })
    void leavesOtherPasswordsToOthers(String password) throws Exception {
        open(everyKey());
        assertThat(answer("ann", password)).isEqualTo(new AuthenticationResult.Abstain());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}.{}.x", "{\"alg\":\"HS256\"}.[].x", "{\"alg\":}.{}.x", "{{}}.{}.x", "{\"alg\":\"HS256\"}.{}."
            })
    void keepsOutWhatOnlyLooksLikeAToken(String parts) throws Exception {
        open(everyKey());
        String[] three = parts.split("\\.", -1);
        denied(part(three[0]) + "." + part(three[1]) + "." + part(three[2]), "");
    }

    @Test
    void keepsOutATokenWithAHeaderThatMustBeUnderstood() throws Exception {
        open(everyKey());
        JsonWebSignature signed = new JsonWebSignature();
        signed.setAlgorithmHeaderValue("HS256");
        signed.setKey(HMAC);
        signed.setPayload(claims().json());
        signed.setHeader("b64", false);
        signed.getHeaders().setObjectHeaderValue("crit", List.of("b64"));
        String token = signed.getDetachedContentCompactSerialization();
        denied(token, "must be understood");
    }

    @Test
    void isOffWithoutAKeyAndElsewhere() throws Exception {
        open(Map.of());
        assertThat(answer("ann", hs(claims()))).isEqualTo(new AuthenticationResult.Abstain());
        Map<String, Object> config = new HashMap<>(everyKey());
        config.put("listeners", "tcp-tls");
        component.modified(config(config), Map.of());
        assertThat(answer("ann", hs(claims()))).isEqualTo(new AuthenticationResult.Abstain());
        component.modified(config(everyKey()), Map.of());
        allowed(hs(claims()));
    }

    @Test
    void followsItsKeys() throws Exception {
        Path file = Path.of(pem("rsa.pem", RSA));
        JwtKeyFile followed = new JwtKeyFile(file, JwtKeyReader::pem, false);
        followed.look();
        assertThat(followed.keys()).extracting(JwtKey::key).containsExactly(RSA.getPublic());
        Files.writeString(file, "nonsense that is longer");
        settled(followed);
        assertThat(followed.keys()).as("kept").hasSize(1);
        Files.writeString(file, pemText(RSA) + "\n" + pemText(OTHER_RSA));
        settled(followed);
        assertThat(followed.keys()).hasSize(2);
        Files.delete(file);
        settled(followed);
        assertThat(followed.keys()).isEmpty();
        followed.close();
    }

    private static void settled(JwtKeyFile file) {
        file.look();
        file.look();
    }

    @Test
    void saysWhatIsWrongWithAKey() throws Exception {
        assertThatThrownBy(() -> JwtKeyReader.secret(List.of("short"))).hasMessageContaining("has 5 bytes");
        assertThatThrownBy(() -> JwtKeyReader.secret(List.of())).hasMessageContaining("one line");
        assertThatThrownBy(() -> JwtKeyReader.secret(List.of("base64:?"))).hasMessageContaining("base64:");
        assertThatThrownBy(() -> JwtKeyReader.pem(List.of())).hasMessageContaining("no PUBLIC KEY");
        String secret = Base64.getMimeEncoder().encodeToString(RSA.getPrivate().getEncoded());
        assertThatThrownBy(() ->
                        JwtKeyReader.pem(List.of("-----BEGIN PRIVATE KEY-----", secret, "-----END PRIVATE KEY-----")))
                .hasMessageContaining("there is a PRIVATE KEY");
        String small = pemText(pair("RSA", 1024));
        assertThatThrownBy(() -> JwtKeyReader.pem(List.of(small))).hasMessageContaining("less than 2048 bits");
        assertThatThrownBy(() -> JwtKeyReader.set(List.of("{}"))).hasMessageContaining("no \"keys\"");
        assertThatThrownBy(() -> JwtKeyReader.set(List.of("<html>"))).hasMessageContaining("no JSON Web Key Set");
    }

    @Test
    void takesOfASetOnlyPublicKeysForSignatures() throws Exception {
        PublicJsonWebKey right = PublicJsonWebKey.Factory.newPublicJwk(RSA.getPublic());
        right.setKeyId("right");
        PublicJsonWebKey encrypts = PublicJsonWebKey.Factory.newPublicJwk(RSA.getPublic());
        encrypts.setUse("enc");
        String set = "{\"keys\":[" + right.toJson() + "," + encrypts.toJson()
                + ",{\"kty\":\"oct\",\"k\":\"AAAA\"},{\"kty\":\"new\"},7,{}]}";
        assertThat(JwtKeyReader.set(List.of(set))).extracting(JwtKey::kid).containsExactly("right");
    }

    @Test
    void refusesSettingsThatCannotBeMeant() {
        Map<String, String> mistakes = Map.of(
                "algorithms", "none",
                "jwks_url", "file:///etc/passwd");
        mistakes.forEach((key, value) -> assertThatThrownBy(
                        () -> new JwtAuthenticator(config(Map.of("jwks_file", "x", key, value)), Map.of()))
                .hasMessageContaining(key.replace('_', '.') + "=" + value)
                .hasMessageContaining("etc/io.courtier.auth.jwt.cfg"));
    }

    @Test
    void takesATokenAsAnAuthenticationMethodToo() throws Exception {
        open(everyKey());
        assertThat(component.method()).isEqualTo("JWT");
        assertThat(step(hs(claims()))).isInstanceOfSatisfying(Answer.Success.class, success -> assertThat(
                        success.principal().userName())
                .isEqualTo("ann"));
        assertThat(step(hs(claims().with("exp", 1))))
                .isEqualTo(new Answer.Failure(ReasonCode.NOT_AUTHORIZED, "its token has expired"));
        assertThat(step("nothing")).isInstanceOf(Answer.Failure.class);
        assertThat(step(null)).isInstanceOf(Answer.Failure.class);
        component.modified(config(Map.of()), Map.of());
        assertThat(step(hs(claims())))
                .isInstanceOfSatisfying(Answer.Failure.class, failure -> assertThat(failure.reason())
                        .isEqualTo(ReasonCode.BAD_AUTHENTICATION_METHOD));
    }

    // ---- the URL

    private final AtomicInteger fetches = new AtomicInteger();
    private volatile String published = "";
    private volatile int status = 200;

    private String serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/keys", exchange -> {
            fetches.incrementAndGet();
            byte[] body = published.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/keys";
    }

    @Test
    void fetchesAKeyThatATokenNamesButNotAgainAndAgain() throws Exception {
        published = json(Map.of("one", RSA));
        open(Map.of("jwks_url", serve()));
        allowed(token("RS256", RSA.getPrivate(), "one", claims()));
        assertThat(fetches.get()).isEqualTo(1);
        for (int i = 0; i < 20; i++) denied(token("RS256", OTHER_RSA.getPrivate(), "no-" + i, claims()), "");
        assertThat(fetches.get()).as("one of them a moment ago").isEqualTo(1);
        denied(token("RS256", OTHER_RSA.getPrivate(), "one", claims()), "not signed by a key");
    }

    /** Whether the fetch ends before, while or after the token is looked at. */
    @Test
    void knowsAKeyThatIsBeingFetchedWhenItsTokenComes() throws Exception {
        published = json(Map.of("one", RSA));
        String url = serve();
        String token = token("RS256", RSA.getPrivate(), "one", claims());
        for (int i = 0; i < 200; i++) {
            open(Map.of("jwks_url", url));
            for (int spins = i * 750; spins > 0; spins--) Thread.onSpinWait();
            allowed(token);
            component.deactivate();
        }
    }

    @Test
    void followsARotation() throws Exception {
        published = json(Map.of("one", RSA));
        open(Map.of("jwks_url", serve(), "jwks_retry_seconds", 1));
        allowed(token("RS256", RSA.getPrivate(), "one", claims()));
        published = json(Map.of("two", OTHER_RSA));
        String rotated = token("RS256", OTHER_RSA.getPrivate(), "two", claims());
        while (!(answer("ann", rotated) instanceof AuthenticationResult.Allow)) Thread.onSpinWait();
        denied(token("RS256", RSA.getPrivate(), "one", claims()), "a key that nobody here knows");
    }

    @Test
    void keepsTheLastGoodSet() throws Exception {
        published = json(Map.of("one", RSA));
        try (JwksUrl url = new JwksUrl(java.net.URI.create(serve()), 60_000, 0, 5_000, 10_000, 10)) {
            fetched(url);
            assertThat(url.keys()).hasSize(1);
            status = 500;
            fetched(url);
            assertThat(url.isGood()).isFalse();
            status = 200;
            published = "<html>";
            fetched(url);
            assertThat(url.isGood()).isFalse();
            published = "{\"keys\":[" + " ".repeat(20_000) + "]}";
            fetched(url);
            assertThat(url.isGood()).as("too large").isFalse();
            assertThat(url.keys()).hasSize(1);
            published = json(Map.of("two", RSA, "three", RSA));
            fetched(url);
            assertThat(url.isGood()).isTrue();
            assertThat(url.keys()).hasSize(2);
            server.stop(0);
            fetched(url);
            assertThat(url.keys()).hasSize(2);
            assertThat(url.isGood()).isFalse();
        }
    }

    @Test
    void waitsNoLongerThanItsTime() throws Exception {
        serve();
        CountDownLatch over = new CountDownLatch(1);
        server.createContext("/slow", exchange -> {
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            try {
                over.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        String uri = "http://127.0.0.1:" + server.getAddress().getPort() + "/slow";
        try (JwksUrl url = new JwksUrl(java.net.URI.create(uri), 60_000, 0, 200, 10_000, 10)) {
            fetched(url);
            assertThat(url.isGood()).isFalse();
        } finally {
            over.countDown();
        }
    }

    @Test
    void saysThatItCannotKnowWhileTheUrlIsDown() throws Exception {
        status = 503;
        open(Map.of("jwks_url", serve()));
        assertThat(answer("ann", token("RS256", RSA.getPrivate(), "one", claims())))
                .isInstanceOfSatisfying(AuthenticationResult.Deny.class, deny -> assertThat(deny.reason())
                        .isEqualTo(ReasonCode.SERVER_UNAVAILABLE));
    }

    @Test
    void answersThoseWhoWaitForAFetchWhenItIsReplaced() throws Exception {
        published = json(Map.of("one", RSA));
        JwksUrl url = new JwksUrl(java.net.URI.create(serve()), 60_000, 0, 5_000, 10_000, 10);
        CountDownLatch done = new CountDownLatch(1);
        assertThat(url.refresh(done::countDown)).isTrue();
        url.close();
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(url.refresh(done::countDown)).isFalse();
    }

    private static void fetched(JwksUrl url) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        assertThat(url.refresh(done::countDown)).isTrue();
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    }

    // ---- what tests are made of

    /** Claims of a token, in any state. */
    private record Claims(Map<String, Object> all) {
        Claims with(String claim, Object value) {
            Map<String, Object> more = new HashMap<>(all);
            more.put(claim, value);
            return new Claims(more);
        }

        Claims without(String claim) {
            Map<String, Object> fewer = new HashMap<>(all);
            fewer.remove(claim);
            return new Claims(fewer);
        }

        String json() {
            return org.jose4j.json.JsonUtil.toJson(all);
        }
    }

    private static Claims claims() {
        return new Claims(Map.of("sub", "ann", "exp", NOW + 60, "roles", List.of("operator", "guest")));
    }

    private static String hs(Claims claims) throws JoseException {
        return token("HS256", HMAC, null, claims);
    }

    private static String token(String algorithm, Key key, String kid, Claims claims) throws JoseException {
        JsonWebSignature signed = new JsonWebSignature();
        signed.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
        signed.setDoKeyValidation(false);
        signed.setAlgorithmHeaderValue(algorithm);
        signed.setKey(key);
        if (kid != null) signed.setKeyIdHeaderValue(kid);
        signed.setPayload(claims.json());
        return signed.getCompactSerialization();
    }

    private static String tampered(String token) {
        String[] parts = token.split("\\.");
        String payload = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
        return parts[0] + "." + part(payload.replace("ann", "eve")) + "." + parts[2];
    }

    private static String part(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Key signer(String algorithm) {
        return switch (algorithm.substring(0, 2)) {
            case "HS" -> HMAC;
            case "ES" -> CURVES.get(Integer.parseInt(algorithm.substring(2))).getPrivate();
            case "Ed" -> ED25519.getPrivate();
            default -> RSA.getPrivate();
        };
    }

    private Map<String, Object> everyKey() throws IOException, JoseException {
        Files.writeString(directory.resolve("secret"), SECRET + "\n");
        Map<String, KeyPair> curves = new HashMap<>();
        CURVES.forEach((bits, pair) -> curves.put("ec" + bits, pair));
        return Map.of(
                "secret_file", directory.resolve("secret").toString(),
                "public_key_files", pem("rsa.pem", RSA) + ", " + pem("ed.pem", ED25519),
                "jwks_file", set("set.json", curves));
    }

    private String pem(String name, KeyPair pair) throws IOException {
        return Files.writeString(directory.resolve(name), pemText(pair)).toString();
    }

    private static String pemText(KeyPair pair) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    private String set(String name, Map<String, KeyPair> pairs) throws IOException, JoseException {
        return Files.writeString(directory.resolve(name), json(pairs)).toString();
    }

    private static String json(Map<String, KeyPair> pairs) throws JoseException {
        List<PublicJsonWebKey> keys = new ArrayList<>();
        for (Map.Entry<String, KeyPair> each : pairs.entrySet()) {
            PublicJsonWebKey key =
                    PublicJsonWebKey.Factory.newPublicJwk(each.getValue().getPublic());
            key.setKeyId(each.getKey());
            keys.add(key);
        }
        return new JsonWebKeySet(keys).toJson();
    }

    private void open(Map<String, Object> config) {
        component = new JwtAuthenticator(config(config), Map.of(), CLOCK);
    }

    private Principal allowed(String token) {
        AuthenticationResult result = answer("anybody", token);
        assertThat(result).isInstanceOf(AuthenticationResult.Allow.class);
        return ((AuthenticationResult.Allow) result).principal();
    }

    private void denied(String token, String why) {
        assertThat(answer("ann", token)).isInstanceOfSatisfying(AuthenticationResult.Deny.class, deny -> {
            assertThat(deny.reason()).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
            assertThat(deny.why()).contains(why).doesNotContain(token.split("\\.")[1] + ".");
        });
    }

    private AuthenticationResult answer(String user, String password) {
        CompletableFuture<AuthenticationResult> answer = new CompletableFuture<>();
        component.authenticate(Presents.to(true, user, password), answer::complete);
        return answer.join();
    }

    private Answer step(String data) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        AuthenticationRequest request = new AuthenticationRequest(
                new ConnectionInfo("tcp-default", "tcp", "192.0.2.7", 4711, false, null),
                ProtocolVersion.V5,
                "pump-7",
                null,
                null);
        component.begin(request).step(data == null ? null : data.getBytes(StandardCharsets.UTF_8), answer::complete);
        return answer.join();
    }

    private static KeyPair pair(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (bits > 0) generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (java.security.NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static JwtAuthenticator.Config config(Map<String, Object> values) {
        return (JwtAuthenticator.Config) Proxy.newProxyInstance(
                JwtAuthenticator.Config.class.getClassLoader(),
                new Class<?>[] {JwtAuthenticator.Config.class},
                (proxy, method, arguments) -> method.getName().equals("annotationType")
                        ? (Class<? extends Annotation>) JwtAuthenticator.Config.class
                        : values.getOrDefault(method.getName(), method.getDefaultValue()));
    }
}
