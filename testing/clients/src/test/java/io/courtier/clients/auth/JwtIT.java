// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientState;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.sun.net.httpserver.HttpServer;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import io.courtier.clients.Patience;
import io.courtier.clients.web.Instance;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.PacketEncoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens of an issuer whose keys are in files and at a URL. */
@ResourceLock(Lane.LOGINS) // They change what the issuer publishes.
class JwtIT {
    private static final byte[] SECRET =
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final KeyPair RSA = Tokens.pair("RSA", 2_048);
    private static final KeyPair OTHER_RSA = Tokens.pair("RSA", 2_048);
    private static final KeyPair ED25519 = Tokens.pair("Ed25519", 0);
    private static final Map<String, KeyPair> PUBLISHED = Map.of(
            "ES256",
            Tokens.pair("EC", 256),
            "ES384",
            Tokens.pair("EC", 384),
            "ES512",
            Tokens.pair("EC", 521),
            "EdDSA",
            ED25519);

    @TempDir
    static Path folder;

    private static HttpServer issuer;
    private static volatile String published = Tokens.set(PUBLISHED);
    private static volatile int status = 200;
    private static final AtomicInteger FETCHES = new AtomicInteger();
    private static Instance broker;

    @BeforeAll
    static void start() throws Exception {
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer.createContext("/keys", exchange -> {
            FETCHES.incrementAndGet();
            byte[] body = published.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        issuer.start();
        broker = new Instance(folder)
                .with("courtier-jwt-secret", new String(SECRET, StandardCharsets.US_ASCII))
                .with("issuer.pem", Tokens.pem(RSA))
                .with(
                        "io.courtier.auth.jwt.cfg",
                        "secret.file = courtier-jwt-secret",
                        "public.key.files = issuer.pem",
                        "jwks.url = http://127.0.0.1:" + issuer.getAddress().getPort() + "/keys",
                        "jwks.retry.seconds = 1",
                        "issuer = https://issuer.example",
                        "audience = mqtt",
                        "leeway.seconds = 0",
                        "client.id.claim = client",
                        "attributes = tenant",
                        "acl.publish.claim = topics.write",
                        "acl.subscribe.claim = topics.read")
                .with(
                        "courtier-acl",
                        "allow all ops/# role operators",
                        "allow all home/%u/#",
                        "allow all tenants/%{tenant}/#",
                        "allow all granted/# granted",
                        "deny all #");
        broker.courtierSaid("file-secret\n", "passwd", "add", "file-user");
        broker.start();
    }

    @AfterAll
    static void stop() {
        assertThat(broker.log()).as("no token").doesNotContain("eyJ");
        broker.close();
        issuer.stop(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
                "ES512", "EdDSA"
            })
    void aTokenOfEveryAlgorithmLetsInAndOneThatWasChangedDoesNot(String algorithm) throws Exception {
        String token =
                switch (algorithm.substring(0, 2)) {
                    case "HS" -> Tokens.signed(algorithm, SECRET, null, claims());
                    case "RS", "PS" -> Tokens.signed(algorithm, RSA, null, claims());
                    default -> Tokens.signed(algorithm, PUBLISHED.get(algorithm), algorithm, claims());
                };
        assertThat(connect(token)).isEqualTo(Mqtt5ConnAckReasonCode.SUCCESS);
        assertThat(connect(Tokens.tampered(token, claims("sub", "eve")))).isEqualTo(refused());
    }

    @Test
    void itsSubjectIsTheUserAndItsRolesAreRoles() throws Exception {
        Mqtt5BlockingClient operator = client("anything", hs(claims("roles", List.of("\"operators\""))));
        operator.connect();
        assertThat(maySubscribe(operator, "ops/#")).isTrue();
        assertThat(maySubscribe(operator, "home/ann/#")).isTrue();
        assertThat(maySubscribe(operator, "home/anything/#")).isFalse();
        operator.disconnect();
        Mqtt5BlockingClient other = client(null, hs(claims("roles", "guests others")));
        other.connect();
        assertThat(maySubscribe(other, "ops/#")).isFalse();
        other.disconnect();
    }

    @Test
    void itsClaimsAreAttributesForTheRules() throws Exception {
        Mqtt5BlockingClient acme = client(null, hs(claims("tenant", "acme")));
        acme.connect();
        assertThat(maySubscribe(acme, "tenants/acme/#")).isTrue();
        assertThat(maySubscribe(acme, "tenants/other/#")).isFalse();
        acme.disconnect();
        for (String wide : List.of("+", "#", "acme/x", "$share")) {
            Mqtt5BlockingClient sly = client(null, hs(claims("tenant", wide)));
            sly.connect();
            assertThat(maySubscribe(sly, "tenants/acme/#")).as(wide).isFalse();
            assertThat(maySubscribe(sly, "tenants/" + wide.replace("#", "x") + "/a"))
                    .as(wide)
                    .isFalse();
            sly.disconnect();
        }
    }

    @Test
    void theTopicsThatItGrantsCountWithinTheRules() throws Exception {
        Mqtt5BlockingClient client = client(
                null,
                hs(claims(
                        "topics.write",
                        List.of("\"granted/out/#\""),
                        "topics.read",
                        List.of("\"granted/in/+\"", "\"#\""))));
        client.connect();
        assertThat(mayPublish(client, "granted/out/1")).isTrue();
        assertThat(mayPublish(client, "granted/in/1")).isFalse();
        assertThat(maySubscribe(client, "granted/in/1")).isTrue();
        assertThat(maySubscribe(client, "granted/#"))
                .as("all, of what the rule has")
                .isTrue();
        assertThat(maySubscribe(client, "ops/#"))
                .as("nothing that no rule lets it have")
                .isFalse();
        client.disconnect();
        Mqtt5BlockingClient without = client(null, hs(claims()));
        without.connect();
        assertThat(mayPublish(without, "granted/out/1")).isFalse();
        assertThat(maySubscribe(without, "granted/in/1")).isFalse();
        without.disconnect();
        assertThat(connect(hs(claims("topics.read", List.of("\"a/#/b\""))))).isEqualTo(refused());
    }

    @Test
    void aTokenHasToBeOfThisTimeOfThisIssuerAndForUs() throws Exception {
        assertThat(connect(hs(claims("exp", now() - 1)))).as("expired").isEqualTo(refused());
        assertThat(connect(hs(claims("exp", null)))).as("without an end").isEqualTo(refused());
        assertThat(connect(hs(claims("nbf", now() + 60)))).as("not yet").isEqualTo(refused());
        assertThat(connect(hs(claims("iat", now() + 60)))).as("of the future").isEqualTo(refused());
        assertThat(connect(hs(claims("iss", "https://other.example")))).isEqualTo(refused());
        assertThat(connect(hs(claims("aud", "web")))).isEqualTo(refused());
        assertThat(connect(hs(claims("aud", List.of("\"web\"", "\"mqtt\"")))))
                .isEqualTo(Mqtt5ConnAckReasonCode.SUCCESS);
    }

    @Test
    void aTokenForAClientIsForNoOther() throws Exception {
        String name = House.unique("jwt");
        String token = hs(claims("client", name));
        assertThat(connect(name, "u", token)).isEqualTo(Mqtt5ConnAckReasonCode.SUCCESS);
        assertThat(connect(name + "x", "u", token)).isEqualTo(refused());
    }

    @Test
    void whatNobodyOfOursSignedLetsNobodyIn() throws Exception {
        assertThat(connect(Tokens.unsigned(claims()))).as("alg none").isEqualTo(refused());
        assertThat(connect(Tokens.signed("RS256", OTHER_RSA, null, claims()))).isEqualTo(refused());
        byte[] pem = Files.readAllBytes(broker.etc().resolve("issuer.pem"));
        for (byte[] known : List.of(
                pem,
                Arrays.copyOf(pem, pem.length - 1),
                RSA.getPublic().getEncoded(),
                published.getBytes(StandardCharsets.UTF_8))) {
            assertThat(connect(Tokens.signed("HS256", known, null, claims())))
                    .as("a public key as a secret")
                    .isEqualTo(refused());
            assertThat(connect(Tokens.signed("HS256", known, "EdDSA", claims())))
                    .isEqualTo(refused());
        }
    }

    @Test
    void otherPasswordsAreForTheOtherAuthenticators() {
        assertThat(connect(House.unique("jwt"), "file-user", "file-secret")).isEqualTo(Mqtt5ConnAckReasonCode.SUCCESS);
        assertThat(connect(House.unique("jwt"), "file-user", "eyJ.no.token")).isEqualTo(refused());
    }

    @Test
    void keysRotateAndStayWhileTheUrlIsDown() throws Exception {
        try {
            String next = Tokens.signed("RS256", OTHER_RSA, "next", claims());
            assertThat(connect(next)).isEqualTo(refused());
            published = Tokens.set(Map.of("next", OTHER_RSA, "EdDSA", ED25519));
            Patience.until("the new key is known", () -> connect(next) == Mqtt5ConnAckReasonCode.SUCCESS);
            assertThat(connect(Tokens.signed("ES256", PUBLISHED.get("ES256"), "ES256", claims())))
                    .as("its key is gone")
                    .isEqualTo(refused());
            status = 503;
            String unknown = Tokens.signed("RS256", OTHER_RSA, "unknown", claims());
            Patience.until("nobody can say", () -> connect(unknown) == Mqtt5ConnAckReasonCode.SERVER_UNAVAILABLE);
            assertThat(connect(next)).as("the last good set").isEqualTo(Mqtt5ConnAckReasonCode.SUCCESS);
            assertThat(broker.log()).contains("cannot be fetched: status 503; the 2 keys from before stay");
            int before = FETCHES.get();
            long begunNanos = System.nanoTime();
            for (int i = 0; i < 50; i++) connect(Tokens.signed("RS256", OTHER_RSA, "unknown-" + i, claims()));
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begunNanos);
            assertThat(FETCHES.get() - before).as("one each second at most").isLessThanOrEqualTo((int) seconds + 2);
        } finally {
            status = 200;
            published = Tokens.set(PUBLISHED);
            String back = Tokens.signed("ES256", PUBLISHED.get("ES256"), "ES256", claims());
            Patience.until("all is as it was", () -> connect(back) == Mqtt5ConnAckReasonCode.SUCCESS);
        }
    }

    @Test
    void theConnectionEndsWithTheTokenAndTheWillIsPublished() throws Exception {
        Mqtt5BlockingClient watcher = client("w", hs(claims()));
        watcher.connect();
        CompletableFuture<MqttClientDisconnectedContext> ended = new CompletableFuture<>();
        try (var wills = watcher.publishes(MqttGlobalPublishFilter.ALL)) {
            watcher.subscribeWith().topicFilter("home/ann/will").send();
            long end = now() + 3;
            Mqtt5BlockingClient client = MqttClient.builder()
                    .identifier(House.unique("jwt"))
                    .serverHost("127.0.0.1")
                    .serverPort(broker.port("tcp-default"))
                    .addDisconnectedListener(ended::complete)
                    .useMqttVersion5()
                    .simpleAuth()
                    .password(hs(claims("exp", end)).getBytes(StandardCharsets.UTF_8))
                    .applySimpleAuth()
                    .willPublish()
                    .topic("home/ann/will")
                    .payload("gone".getBytes(StandardCharsets.UTF_8))
                    .applyWillPublish()
                    .buildBlocking();
            client.connect();
            Throwable cause = ended.get(20, TimeUnit.SECONDS).getCause();
            assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(end * 1_000);
            assertThat(cause).isInstanceOf(Mqtt5DisconnectException.class);
            assertThat(((Mqtt5DisconnectException) cause).getMqttMessage().getReasonCode())
                    .isEqualTo(Mqtt5DisconnectReasonCode.MAXIMUM_CONNECT_TIME);
            assertThat(wills.receive(20, TimeUnit.SECONDS)).isPresent();
        }
        watcher.disconnect();
    }

    @Test
    void anOldClientIsJustClosed() throws Exception {
        CompletableFuture<MqttClientDisconnectedContext> ended = new CompletableFuture<>();
        Mqtt3BlockingClient client = MqttClient.builder()
                .identifier(House.unique("jwt"))
                .serverHost("127.0.0.1")
                .serverPort(broker.port("tcp-default"))
                .addDisconnectedListener(ended::complete)
                .useMqttVersion3()
                .simpleAuth()
                .username("u")
                .password(hs(claims("exp", now() + 2)).getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        ended.get(20, TimeUnit.SECONDS);
    }

    @Test
    void aNewTokenByAuthKeepsTheConnection() throws Exception {
        long end = now() + 3;
        String[] token = {hs(claims("exp", end))};
        CompletableFuture<MqttClientDisconnectedContext> ended = new CompletableFuture<>();
        Mqtt5BlockingClient client = MqttClient.builder()
                .identifier(House.unique("jwt"))
                .serverHost("127.0.0.1")
                .serverPort(broker.port("tcp-default"))
                .addDisconnectedListener(ended::complete)
                .useMqttVersion5()
                .enhancedAuth(new Mechanism("JWT") {
                    @Override
                    String first() {
                        return token[0];
                    }

                    @Override
                    String next(String challenge) {
                        throw new AssertionError(challenge);
                    }

                    @Override
                    boolean isRight(String over) {
                        return over.isEmpty();
                    }
                })
                .buildBlocking();
        client.connect();
        token[0] = hs(claims("exp", end + 3));
        client.reauth();
        ended.get(20, TimeUnit.SECONDS);
        assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo((end + 3) * 1_000);
        // It tells its listeners before it knows itself.
        Patience.until("the client is ready to connect", () -> client.getState() == MqttClientState.DISCONNECTED);
        token[0] = hs(claims());
        client.connect();
        token[0] = hs(claims("sub", "bob"));
        assertThat(catchThrowable(client::reauth)).as("another user").isInstanceOf(Mqtt5DisconnectException.class);
    }

    @Test
    void aTokenComesThroughWebSocketAsWell() throws Exception {
        assertThat(connAckThroughWebSocket(hs(claims()))).isZero();
        assertThat(connAckThroughWebSocket(Tokens.unsigned(claims()))).isEqualTo((byte) 0x86);
    }

    private static byte connAckThroughWebSocket(String token) throws Exception {
        ByteBuilder connect = new ByteBuilder(1_024);
        PacketEncoder.encode(
                new Connect(
                        ProtocolVersion.V5,
                        House.unique("jwt"),
                        true,
                        0,
                        null,
                        "u",
                        token.getBytes(StandardCharsets.UTF_8),
                        Properties.NONE),
                ProtocolVersion.V5,
                connect);
        CompletableFuture<Byte> reason = new CompletableFuture<>();
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .subprotocols("mqtt")
                .buildAsync(
                        URI.create("ws://127.0.0.1:" + broker.port("ws-default") + "/mqtt"), new WebSocket.Listener() {
                            @Override
                            public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
                                // Type, length, acknowledge flags, reason.
                                reason.complete(data.get(3));
                                return null;
                            }
                        })
                .get(20, TimeUnit.SECONDS);
        socket.sendBinary(ByteBuffer.wrap(connect.array(), 0, connect.length()), true)
                .get(20, TimeUnit.SECONDS);
        byte code = reason.get(20, TimeUnit.SECONDS);
        socket.abort();
        return code;
    }

    // ---- what tests are made of

    private static long now() {
        return System.currentTimeMillis() / 1_000;
    }

    /** Claims that are right, but for these; null leaves one out. */
    private static Map<String, Object> claims(Object... others) {
        Map<String, Object> all =
                Tokens.claims("iss", "https://issuer.example", "aud", "mqtt", "sub", "ann", "exp", now() + 600);
        all.putAll(Tokens.claims(others));
        all.values().removeIf(java.util.Objects::isNull);
        return all;
    }

    private static String hs(Map<String, Object> claims) throws Exception {
        return Tokens.signed("HS256", SECRET, null, claims);
    }

    private static Mqtt5ConnAckReasonCode refused() {
        return Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD;
    }

    private static Mqtt5ConnAckReasonCode connect(String token) {
        return connect(House.unique("jwt"), "u", token);
    }

    private static Mqtt5ConnAckReasonCode connect(String identifier, String user, String token) {
        Mqtt5BlockingClient client = client(identifier, user, token);
        try {
            Mqtt5ConnAckReasonCode code = client.connect().getReasonCode();
            client.disconnect();
            return code;
        } catch (Mqtt5ConnAckException refused) {
            return refused.getMqttMessage().getReasonCode();
        }
    }

    private static boolean maySubscribe(Mqtt5BlockingClient client, String filter) {
        try {
            client.subscribeWith()
                    .topicFilter(filter)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
            return true;
        } catch (Mqtt5SubAckException refused) {
            return false;
        }
    }

    private static boolean mayPublish(Mqtt5BlockingClient client, String topic) {
        try {
            client.publishWith().topic(topic).qos(MqttQos.AT_LEAST_ONCE).send();
            return true;
        } catch (Mqtt5PubAckException refused) {
            return false;
        }
    }

    private static Mqtt5BlockingClient client(String user, String token) {
        return client(House.unique("jwt"), user, token);
    }

    private static Mqtt5BlockingClient client(String identifier, String user, String token) {
        byte[] password = token.getBytes(StandardCharsets.UTF_8);
        var builder = MqttClient.builder()
                .identifier(identifier)
                .serverHost("127.0.0.1")
                .serverPort(broker.port("tcp-default"))
                .useMqttVersion5();
        var complete = user == null
                ? builder.simpleAuth().password(password)
                : builder.simpleAuth().username(user).password(password);
        return complete.applySimpleAuth().buildBlocking();
    }
}
