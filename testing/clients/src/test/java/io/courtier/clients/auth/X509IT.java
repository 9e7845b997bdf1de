// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import io.courtier.clients.Authority;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import io.courtier.clients.Patience;
import io.courtier.clients.Program;
import io.courtier.clients.web.Instance;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Client certificates of all kinds, at the distribution: TLS by both providers, and WSS. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ResourceLock(Lane.LOGINS) // They change the revocation lists, for all.
class X509IT {
    private static final List<String> DOORS = List.of("tcp-openssl", "tcp-jdk", "ws-tls");
    /** HiveMQ's client did not get through WSS here, so Paho's does. */
    private static final List<String> TCP_DOORS = DOORS.subList(0, 2);

    private static final String REFUSED = "0x87 not authorized";
    private static final String UNAVAILABLE = "0x88 server unavailable";
    private static final String NO_TLS = "no connection";
    private static final Map<String, Map<String, String>> MATRIX = new LinkedHashMap<>();

    @TempDir
    static Path folder;

    @TempDir
    static Path certificates;

    private static Authority authority;
    private static X509Bundle plantA;
    private static X509Bundle plantB;
    private static X509Bundle plantC;
    private static OpenSslAuthority rootBooks;
    private static OpenSslAuthority plantABooks;
    private static Path lists;
    private static X509Bundle byPrint;
    private static X509Bundle recalled;
    private static X509Bundle asked;
    private static X509Bundle askedAndRevoked;
    private static Instance broker;

    @BeforeAll
    static void start() throws Exception {
        Program.need("openssl", "openssl");
        authority = Authority.in(certificates);
        X509Bundle root = authority.root();
        plantA = below(root, "Plant A");
        plantB = below(root, "Plant B");
        plantC = below(root, "Plant C");
        byPrint = issue(root, named("whatever"));
        recalled = issue(root, named("pump-recalled"));
        asked = issue(root, named("pump-asked"));
        askedAndRevoked = issue(root, named("pump-asked-revoked"));
        lists = Files.createDirectory(certificates.resolve("crl"));
        rootBooks = new OpenSslAuthority(certificates.resolve("root"), root)
                .revokes(recalled)
                .revokes(plantB);
        plantABooks = new OpenSslAuthority(certificates.resolve("plantA"), plantA);
        rootBooks.list(lists.resolve("root.crl"), tomorrow());
        plantABooks.list(lists.resolve("plantA.crl"), tomorrow());
        new OpenSslAuthority(certificates.resolve("plantB"), plantB).list(lists.resolve("plantB.crl"), tomorrow());
        broker = new Instance(folder)
                .with("io.courtier.listener.tcp-openssl.cfg", listener("openssl"))
                .with("io.courtier.listener.tcp-jdk.cfg", listener("jdk"))
                .with("io.courtier.listener.ws-tls.cfg", listener("auto"))
                .with(
                        "io.courtier.auth.x509.cfg",
                        "common.names = pump-7, old, pump-recalled",
                        "common.names.regex = Plant [A-Z]|pump-asked.*",
                        "alternative.names = DNS:valve.example.org",
                        "subject.names = CN=tank,OU=Hall 2,O=Plant",
                        "fingerprints = " + fingerprint(byPrint),
                        "aliases = courtier-x509-names")
                .with("courtier-x509-names", "DNS:valve.example.org = val:valves", "Plant C = :none")
                .with(
                        "courtier-acl",
                        "allow all home/%u/#",
                        "allow all valves/# role valves",
                        "allow all lines/%{cn}/# attribute issuer.cn \"Plant A\"",
                        "deny all #")
                .start();
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
        StringBuilder table = new StringBuilder("| certificate of the client | ");
        table.append(String.join(" | ", DOORS)).append(" |\n|---|---|---|---|\n");
        MATRIX.forEach((row, cells) -> {
            table.append("| ").append(row);
            for (String door : DOORS) table.append(" | ").append(cells.getOrDefault(door, "-"));
            table.append(" |\n");
        });
        Files.writeString(Path.of(System.getProperty("basedir", ""), "target", "x509-matrix.md"), table.toString());
    }

    private static String[] listener(String provider) {
        return new String[] {
            "port = 0",
            "tls = true",
            "tls.provider = " + provider,
            "tls.certificate = " + authority.file("server.crt"),
            "tls.key = " + authority.file("server.key"),
            "tls.client.certificate = want",
            "tls.trust = " + authority.file("ca.crt"),
            "tls.crl = " + lists,
            "allow.anonymous = false"
        };
    }

    @Test
    @Order(1)
    void valid() throws Exception {
        X509Bundle pump = issue(authority.root(), named("pump-7"));
        everywhere("valid, its CN is allowed", shown(pump), "in as pump-7");
        everywhere("none", null, REFUSED);
    }

    @Test
    @Order(2)
    void ofAnotherName() throws Exception {
        everywhere("valid, of another CN", shown(issue(authority.root(), named("pump-8"))), REFUSED);
        everywhere(
                "valid, the CN longer than an allowed one", shown(issue(authority.root(), named("pump-70"))), REFUSED);
    }

    @Test
    @Order(3)
    void expired() throws Exception {
        everywhere("expired", shown(authority.expiredClient("old")), NO_TLS);
        X509Bundle early =
                issue(authority.root(), named("pump-7").notBefore(Instant.now().plus(1, ChronoUnit.DAYS)));
        everywhere("not valid yet", shown(early), NO_TLS);
    }

    @Test
    @Order(4)
    void ofAnUnknownAuthority(@TempDir Path elsewhere) throws Exception {
        everywhere(
                "of an unknown CA, with an allowed CN",
                shown(Authority.in(elsewhere).client("pump-7")),
                NO_TLS);
        X509Bundle self = named("pump-7").setIsCertificateAuthority(true).buildSelfSigned();
        everywhere("signed by itself, with an allowed CN", shown(self), NO_TLS);
    }

    @Test
    @Order(5)
    void revoked() throws Exception {
        everywhere("revoked by the CRL", shown(recalled), NO_TLS);
        everywhere("of an authority that is revoked", shown(issue(plantB, named("pump-7")), plantB), NO_TLS);
        everywhere("of an authority without a CRL", shown(issue(plantC, named("pump-7")), plantC), NO_TLS);
        assertThat(broker.log()).contains("is revoked");
    }

    @Test
    @Order(6)
    void ofAnIntermediateAuthority() throws Exception {
        everywhere(
                "of an intermediate CA, whose CN a regex allows",
                shown(issue(plantA, named("robot")), plantA),
                "in as Plant A");
    }

    @Test
    @Order(7)
    void withForgedCertificatesBesideIt() throws Exception {
        X509Bundle own = issue(authority.root(), named("nobody"));
        X509Bundle forged = named("pump-7").setIsCertificateAuthority(true).buildSelfSigned();
        everywhere(
                "of another CN, with a forged one of an allowed CN behind it",
                Shown.by(own, own.getCertificate(), forged.getCertificate()),
                REFUSED);
        X509Bundle real = issue(authority.root(), named("pump-7"));
        everywhere(
                "of another CN, with a real one of an allowed CN behind it",
                Shown.by(own, own.getCertificate(), real.getCertificate()),
                REFUSED);
        everywhere("of somebody else, without the key for it", Shown.by(own, real.getCertificate()), NO_TLS);
    }

    @Test
    @Order(8)
    void byOtherNames() throws Exception {
        X509Bundle valve = issue(authority.root(), named("v").addSanDnsName("Valve.example.org"));
        everywhere("its SAN is allowed, with an alias and a role", shown(valve), "in as val, valves");
        X509Bundle tank = issue(authority.root(), named("x").subject("CN=tank,OU=Hall 2,O=Plant"));
        everywhere("its whole subject is allowed", shown(tank), "in as CN=tank,OU=Hall 2,O=Plant");
        X509Bundle other = issue(authority.root(), named("x").subject("CN=tank,OU=Hall 3,O=Plant"));
        everywhere("another subject with the same CN", shown(other), REFUSED);
        everywhere("its fingerprint is allowed", shown(byPrint), "in as " + fingerprint(byPrint));
    }

    @Test
    @Order(8)
    void rulesAskForWhatItsOwnCertificateSays() throws Exception {
        for (String door : TCP_DOORS) {
            Mqtt5BlockingClient robot = client(door, shown(issue(plantA, named("robot")), plantA));
            robot.connect();
            assertThat(maySubscribe(robot, "lines/robot/#")).isTrue();
            assertThat(maySubscribe(robot, "lines/pump-7/#")).isFalse();
            assertThat(maySubscribe(robot, "lines/Plant A/#"))
                    .as("the name of its authority")
                    .isFalse();
            robot.disconnect();
            Mqtt5BlockingClient pump = client(door, shown(issue(authority.root(), named("pump-7"))));
            pump.connect();
            assertThat(maySubscribe(pump, "lines/pump-7/#"))
                    .as("of another authority")
                    .isFalse();
            pump.disconnect();
        }
    }

    @Test
    @Order(9)
    void revokedWhileConnected() throws Exception {
        X509Bundle goes = issue(plantA, named("pump-7"));
        X509Bundle stays = issue(plantA, named("robot"));
        for (String door : TCP_DOORS) {
            Mqtt5BlockingClient going = client(door, shown(goes, plantA));
            Mqtt5BlockingClient staying = client(door, shown(stays, plantA));
            going.connect();
            staying.connect();
            plantABooks.revokes(goes).list(lists.resolve("plantA.crl"), tomorrow());
            Patience.until("the end at " + door, () -> !going.getState().isConnected());
            assertThat(staying.getState().isConnected()).isTrue();
            staying.publishWith()
                    .topic("home/Plant A/x")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
            staying.disconnect();
            cell("revoked while it is connected", door, "disconnected");
            same("and then comes again", door, shown(goes, plantA), NO_TLS);
            plantABooks.forgets().list(lists.resolve("plantA.crl"), tomorrow());
            // Each listener reads the file when it looks; the next door's turn begins with the new list, too.
            for (String each : TCP_DOORS) {
                Patience.until("another list at " + each, () -> outcome(each, shown(goes, plantA))
                        .equals("in as pump-7"));
            }
            cell("and when the list no longer has it", door, "in as pump-7");
        }
        assertThat(broker.log()).contains("ended: the client certificate serial=");
    }

    @Test
    @Order(10)
    void ofAnAuthorityWhoseListIsOver() throws Exception {
        X509Bundle pump = issue(plantA, named("pump-7"));
        plantABooks.list(lists.resolve("plantA.crl"), Instant.now().minus(1, ChronoUnit.HOURS));
        for (String door : DOORS) {
            Patience.until("the old list at " + door, () -> outcome(door, shown(pump, plantA))
                    .equals(NO_TLS));
            cell("of an authority whose CRL is over", door, NO_TLS);
            same(
                    "of another authority meanwhile",
                    door,
                    shown(issue(authority.root(), named("pump-7"))),
                    "in as pump-7");
        }
        assertThat(broker.log()).contains("clients of that authority are refused until it is renewed");
        plantABooks.list(lists.resolve("plantA.crl"), tomorrow());
        for (String door : DOORS) {
            Patience.until("the new list at " + door, () -> outcome(door, shown(pump, plantA))
                    .equals("in as pump-7"));
            cell("when it is renewed", door, "in as pump-7");
        }
    }

    @Test
    @Order(11)
    void byOcsp() throws Exception {
        OpenSslAuthority books = new OpenSslAuthority(certificates.resolve("ocsp"), authority.root())
                .knows(asked)
                .revokes(askedAndRevoked);
        int responderPort;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            responderPort = free.getLocalPort();
        }
        String url = "url = http://127.0.0.1:" + responderPort;
        try (Program responder = books.responder(responderPort)) {
            ocsp("mode = hard", url);
            Patience.until(
                    "OCSP", () -> outcome("tcp-jdk", shown(askedAndRevoked)).equals(REFUSED));
            everywhere("good by OCSP (hard)", shown(asked), "in as pump-asked");
            everywhere("revoked by OCSP (hard)", shown(askedAndRevoked), REFUSED);
            everywhere(
                    "unknown to the OCSP responder (hard)",
                    shown(issue(authority.root(), named("pump-asked-unknown"))),
                    UNAVAILABLE);
        }
        everywhere("good by OCSP, remembered while the responder is down", shown(asked), "in as pump-asked");
        X509Bundle another = issue(authority.root(), named("pump-asked-2"));
        everywhere("the OCSP responder is down (hard)", shown(another), UNAVAILABLE);
        ocsp("mode = soft", url);
        Patience.until("OCSP", () -> outcome("tcp-jdk", shown(another)).equals("in as pump-asked-2"));
        everywhere("the OCSP responder is down (soft)", shown(another), "in as pump-asked-2");
        assertThat(broker.log()).contains("OCSP gives no answer");
        ocsp("mode = off");
    }

    private static void ocsp(String... lines) {
        broker.with("io.courtier.auth.ocsp.cfg", lines);
    }

    private static void everywhere(String row, KeyManagerFactory keys, String expected) throws Exception {
        for (String door : DOORS) same(row, door, keys, expected);
    }

    private static void same(String row, String door, KeyManagerFactory keys, String expected) throws Exception {
        String outcome = outcome(door, keys);
        cell(row, door, outcome);
        assertThat(outcome).as("%s at %s", row, door).isEqualTo(expected);
    }

    private static void cell(String row, String door, String outcome) {
        MATRIX.computeIfAbsent(row, any -> new LinkedHashMap<>()).put(door, outcome);
    }

    private static String outcome(String door, KeyManagerFactory keys) throws Exception {
        if (door.startsWith("ws")) return webOutcome(door, keys);
        Mqtt5BlockingClient client = client(door, keys);
        try {
            client.connect();
        } catch (Mqtt5ConnAckException refused) {
            return switch (refused.getMqttMessage().getReasonCode()) {
                case NOT_AUTHORIZED -> REFUSED;
                case SERVER_UNAVAILABLE -> UNAVAILABLE;
                default -> refused.getMqttMessage().getReasonCode().toString();
            };
        } catch (RuntimeException ended) {
            return NO_TLS;
        }
        try {
            for (String user : users()) {
                if (maySubscribe(client, "home/" + user + "/x")) {
                    return "in as " + user + (maySubscribe(client, "valves/x") ? ", valves" : "");
                }
            }
            return "in as nobody we know";
        } finally {
            client.disconnect();
        }
    }

    private static String webOutcome(String door, KeyManagerFactory keys) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys == null ? null : keys.getKeyManagers(), trust().getTrustManagers(), null);
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setSocketFactory(context.getSocketFactory());
        options.setHttpsHostnameVerificationEnabled(false);
        options.setConnectionTimeout(20);
        options.setAutomaticReconnect(false);
        org.eclipse.paho.mqttv5.client.MqttClient client = new org.eclipse.paho.mqttv5.client.MqttClient(
                "wss://127.0.0.1:" + broker.port(door) + "/mqtt", House.unique("x509"), new MemoryPersistence());
        client.setTimeToWait(20_000);
        try {
            client.connect(options);
        } catch (MqttException refused) {
            return switch (refused.getReasonCode()) {
                case 135 -> REFUSED;
                case 136 -> UNAVAILABLE;
                default -> NO_TLS;
            };
        }
        try {
            for (String user : users()) {
                if (client.subscribe("home/" + user + "/x", 1).getReasonCodes()[0] < 0x80) {
                    boolean valves = client.subscribe("valves/x", 1).getReasonCodes()[0] < 0x80;
                    return "in as " + user + (valves ? ", valves" : "");
                }
            }
            return "in as nobody we know";
        } finally {
            client.disconnect();
            client.close();
        }
    }

    private static TrustManagerFactory trust() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("ca", authority.root().getCertificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust;
    }

    /** Whose homes there are: what the access rules let it subscribe to says who it is. */
    private static List<String> users() throws Exception {
        return List.of(
                "pump-7",
                "Plant A",
                "val",
                "CN=tank,OU=Hall 2,O=Plant",
                fingerprint(byPrint),
                "pump-asked",
                "pump-asked-2",
                "pump-asked-revoked");
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

    private static Mqtt5BlockingClient client(String door, KeyManagerFactory keys) throws Exception {
        TrustManagerFactory trust = trust();
        var builder = MqttClient.builder()
                .identifier(House.unique("x509"))
                .serverHost("127.0.0.1")
                .serverPort(broker.port(door))
                .sslConfig(MqttClientSslConfig.builder()
                        .keyManagerFactory(keys)
                        .trustManagerFactory(trust)
                        .handshakeTimeout(20, TimeUnit.SECONDS)
                        .build())
                .useMqttVersion5();
        return builder.buildBlocking();
    }

    private static KeyManagerFactory shown(X509Bundle own, X509Bundle... above) {
        X509Certificate[] chain = new X509Certificate[above.length + 1];
        chain[0] = own.getCertificate();
        Arrays.setAll(chain, i -> i == 0 ? own.getCertificate() : above[i - 1].getCertificate());
        return Shown.by(own, chain);
    }

    private static String fingerprint(X509Bundle bundle) throws Exception {
        byte[] der = bundle.getCertificate().getEncoded();
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(der));
    }

    private static Instant tomorrow() {
        return Instant.now().plus(1, ChronoUnit.DAYS);
    }

    private static X509Bundle below(X509Bundle root, String name) throws Exception {
        return named(name).setIsCertificateAuthority(true).buildIssuedBy(root);
    }

    private static X509Bundle issue(X509Bundle by, CertificateBuilder builder) throws Exception {
        return builder.addExtendedKeyUsageClientAuth().buildIssuedBy(by);
    }

    private static CertificateBuilder named(String name) {
        return new CertificateBuilder()
                .ecp256()
                .subject("CN=" + name)
                .notBefore(Instant.now().minus(1, ChronoUnit.DAYS))
                .notAfter(Instant.now().plus(30, ChronoUnit.DAYS));
    }
}
