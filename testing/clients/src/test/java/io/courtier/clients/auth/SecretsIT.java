// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.clients.Authority;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import io.courtier.clients.Patience;
import io.courtier.clients.Program;
import io.courtier.clients.web.Instance;
import io.courtier.conformance.Client;
import io.courtier.protocol.Auth;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What only a few may know is in no log, at the level TRACE, and in no file but where it was put. */
@ResourceLock(Lane.LOGINS)
class SecretsIT {
    private static final String PASSWORD = "hill-giraffe-right-7731";
    private static final String WRONG = "hill-giraffe-wrong-4127";
    private static final String SCRAM_PASSWORD = "oven-walrus-scram-9914";
    private static final String SCRAM_WRONG = "oven-walrus-wrong-1102";
    private static final String BIND_PASSWORD = "admin-secret";
    private static final String NEXT_BIND_PASSWORD = "rose-badger-bind-6651";
    private static final String KEY_PASSWORD = "tent-falcon-key-2287";
    private static final String STORE_PASSWORD = "lamp-otter-store-3390";
    private static final String PROBE_PASSWORD = "harp-beetle-probe-5518";
    private static final String JWT_SECRET = "jar-lobster-jwt-8842-jar-lobster-jwt-8842-jar-lobster-jwt-8842-x";
    private static final String PAYLOAD = "mint-cobra-payload-7009";
    private static final String BASIC = "fern-turtle-basic-4405";

    @TempDir
    Path folder;

    @TempDir
    Path ldap;

    @TempDir
    Path certificates;

    private final List<Secret> secrets = new ArrayList<>(List.of(
            new Secret("password", PASSWORD),
            new Secret("wrong password", WRONG),
            new Secret("password for SCRAM", SCRAM_PASSWORD),
            new Secret("wrong password for SCRAM", SCRAM_WRONG),
            new Secret("password of the directory's manager", BIND_PASSWORD),
            new Secret("another password of the directory's manager", NEXT_BIND_PASSWORD),
            new Secret("password of a user of the directory", "bob-secret"),
            new Secret("password of a key", KEY_PASSWORD),
            new Secret("password of a key store", STORE_PASSWORD),
            new Secret("password of the probe", PROBE_PASSWORD),
            new Secret("secret of tokens", JWT_SECRET),
            new Secret("payload", PAYLOAD),
            new Secret("password by HTTP", BASIC)));

    @Test
    void nothingOfThemIsInAnyLogAtTraceOrInAnyFileOfTheBroker() throws Exception {
        try (Directory directory = new Directory(ldap);
                Instance broker = instance(directory)) {
            broker.courtierSaid(PASSWORD + "\n", "passwd", "add", "ann");
            broker.courtierSaid(SCRAM_PASSWORD + "\n", "passwd", "add", "sue", "--scram");
            broker.start();
            assertThat(broker.log()).as("it is at TRACE").contains(" TRACE ");
            comeAndGo(broker);
            changeSettings(broker, directory);
            comeAndGo(broker);
            secrets.add(new Secret("password of the shell", shellPassword(broker)));
            addHashesAndKeys(broker);
            Path said = Files.createDirectories(folder.resolve("said"));
            for (String command : List.of("courtier:refused", "courtier:clients", "log:display")) {
                Files.write(said.resolve(command.replaceAll("\\W+", "-")), broker.courtier("shell", command));
            }
            Files.write(said.resolve("users"), broker.courtier("passwd", "list"));
            Files.write(said.resolve("users-scram"), broker.courtier("passwd", "list", "--scram"));
            assertThat(Files.readString(said.resolve("courtier-refused"))).contains("BAD_USER_NAME_OR_PASSWORD");
            assertThat(Secret.found(secrets, said)).isEmpty();
        }
        assertThat(Secret.found(secrets, folder.resolve("data/log"))).isEmpty();
        // Karaf keeps what cfg files say, to know what changed.
        Path copies = folder.resolve("data/cache");
        assertThat(permissions(copies)).isEqualTo("rwx------");
        assertThat(Secret.found(secrets, folder.resolve("data")))
                .allMatch(where -> where.contains(" in cache/") && where.contains("/data/config/"));
    }

    @Test
    void filesWithSecretsAreMadeForTheirOwnerAndLooseOnesAreNamedOrRefused() throws Exception {
        try (Instance broker = new Instance(folder)) {
            broker.courtierSaid(PASSWORD + "\n", "passwd", "add", "ann");
            broker.courtierSaid(SCRAM_PASSWORD + "\n", "passwd", "add", "sue", "--scram");
            broker.courtier("certs", "--client", "pump-7");
            List<String> own = List.of(
                    "courtier-passwd",
                    "courtier-scram",
                    "tls/ca.key",
                    "tls/server.key",
                    "tls/client.key",
                    "tls/client-pump-7.key",
                    "users.properties");
            broker.with("courtier-jwt-secret", JWT_SECRET)
                    .with("io.courtier.auth.jwt.cfg", "secret.file = courtier-jwt-secret")
                    .with("io.courtier.realm-ldap.cfg", "connection.password = " + BIND_PASSWORD)
                    .start("--tls", "0", "--wss", "0");
            for (String file : own) {
                assertThat(permissions(broker.etc().resolve(file))).as(file).isEqualTo("rw-------");
            }
            isNamed(broker, "courtier-jwt-secret");
            isNamed(broker, "io.courtier.realm-ldap.cfg");
            for (String file : List.of("courtier-passwd", "courtier-scram")) {
                permit(broker.etc().resolve(file), "rw-r--r--");
                isNamed(broker, file);
            }
            assertThat(comes(broker, ProtocolVersion.V5, "ann", PASSWORD)).isEqualTo(ReasonCode.SUCCESS);
            permit(broker.etc().resolve("tls/server.key"), "rw-r--r--");
            broker.with(
                    "io.courtier.listener.tcp-tls.cfg",
                    Files.readString(broker.etc().resolve("io.courtier.listener.tcp-tls.cfg")),
                    "backlog = 100");
            isNamed(broker, "tls/server.key");
            // A file that everybody may write is not believed; what was said before it holds.
            permit(broker.etc().resolve("courtier-passwd"), "rw-rw-rw-");
            Files.writeString(broker.etc().resolve("courtier-passwd"), "eve::\n");
            Patience.until(
                    "it is refused", () -> broker.log().contains("everybody on this machine may write it: chmod o-w "));
            assertThat(comes(broker, ProtocolVersion.V5, "ann", PASSWORD)).isEqualTo(ReasonCode.SUCCESS);
        }
    }

    private static void isNamed(Instance broker, String file) {
        Patience.until(() -> file + " is named in\n" + broker.log(), () -> broker.log()
                .contains("chmod 600 " + broker.etc().resolve(file)));
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static void permit(Path file, String permissions) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private Instance instance(Directory directory) throws Exception {
        Authority authority = Authority.in(certificates);
        authority.client("client");
        openssl(
                "pkcs8",
                "-topk8",
                "-v2",
                "aes256",
                "-passout",
                "pass:" + KEY_PASSWORD,
                "-in",
                authority.file("server.key").toString(),
                "-out",
                authority.file("locked.key").toString());
        openssl(
                "pkcs12",
                "-export",
                "-passout",
                "pass:" + STORE_PASSWORD,
                "-in",
                authority.file("server.crt").toString(),
                "-inkey",
                authority.file("server.key").toString(),
                "-out",
                authority.file("server.p12").toString());
        Instance broker = new Instance(folder);
        return broker.with("org.ops4j.pax.logging.cfg", logging())
                .with(
                        "io.courtier.listener.tcp-tls.cfg",
                        "port = 0",
                        "tls = true",
                        "tls.certificate = " + authority.file("server.crt"),
                        "tls.key = " + authority.file("locked.key"),
                        "tls.key.password = " + KEY_PASSWORD,
                        "tls.client.certificate = want",
                        "tls.trust = " + authority.file("ca.crt"))
                .with("io.courtier.auth.x509.cfg", "common.names = client")
                .with(
                        "io.courtier.listener.ws-tls.cfg",
                        "port = 0",
                        "tls = true",
                        "tls.keystore = " + authority.file("server.p12"),
                        "tls.keystore.password = " + STORE_PASSWORD)
                .with("io.courtier.realm-ldap.cfg", Directory.realm(directory.port()))
                .with("io.courtier.auth.jaas.cfg", "realm = ldap", "cache.max = 0")
                .with(
                        "io.courtier.broker.cfg",
                        "probe.allowed.user = ann",
                        "probe.allowed.password = " + PASSWORD,
                        "probe.denied.user = nobody",
                        "probe.denied.password = " + PROBE_PASSWORD)
                .with("courtier-jwt-secret", JWT_SECRET)
                .with("io.courtier.auth.jwt.cfg", "secret.file = courtier-jwt-secret");
    }

    private static void openssl(String... words) {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(words));
        try (Program openssl = Program.start(command)) {
            openssl.succeeded();
        }
    }

    private String[] logging() throws IOException {
        String shipped = Files.readString(Instance.distribution().resolve("etc/org.ops4j.pax.logging.cfg"));
        return new String[] {
            shipped.replace("rootLogger.level = INFO", "rootLogger.level = TRACE")
                    .replace("logger.transport.level = INFO", "logger.transport.level = TRACE")
        };
    }

    /** By all ways, with what is right and what is wrong. */
    private void comeAndGo(Instance broker) throws Exception {
        for (ProtocolVersion version : ProtocolVersion.values()) {
            assertThat(comes(broker, version, "ann", PASSWORD)).isEqualTo(ReasonCode.SUCCESS);
            assertThat(comes(broker, version, "ann", WRONG).isError()).isTrue();
            assertThat(comes(broker, version, "nobody", WRONG).isError()).isTrue();
        }
        assertThat(comes(broker, ProtocolVersion.V5, "bob", "bob-secret")).isEqualTo(ReasonCode.SUCCESS);
        String token = Tokens.signed(
                "HS256",
                JWT_SECRET.getBytes(StandardCharsets.US_ASCII),
                null,
                Tokens.claims("sub", "tim", "exp", System.currentTimeMillis() / 1_000 + 600));
        String broken = token.substring(0, token.length() - 6) + "AAAAAA";
        secrets.add(new Secret("signature of a token", token.substring(token.lastIndexOf('.') + 1)));
        secrets.add(new Secret("claims of a token", token.split("\\.")[1]));
        assertThat(comes(broker, ProtocolVersion.V5, "u", token)).isEqualTo(ReasonCode.SUCCESS);
        assertThat(comes(broker, ProtocolVersion.V5, "u", broken).isError()).isTrue();
        Client byAuth = Bare.tcp(broker);
        byAuth.send(Bare.enhanced(House.unique("secret"), "JWT", token));
        assertThat(byAuth.expect(ConnAck.class).reason()).isEqualTo(ReasonCode.SUCCESS);
        byAuth.send(new Auth(ReasonCode.REAUTHENTICATE, Bare.authentication("JWT", broken)));
        byAuth.wire().awaitClosed();
        scram(broker, SCRAM_PASSWORD, ReasonCode.SUCCESS);
        scram(broker, SCRAM_WRONG, ReasonCode.NOT_AUTHORIZED);
        Client page = Bare.ws(broker);
        assertThat(page.connect(Bare.connect(House.unique("secret"), "ann", PASSWORD))
                        .reason())
                .isEqualTo(ReasonCode.SUCCESS);
        page.subscribe("t", QoS.AT_LEAST_ONCE);
        page.publish("t", PAYLOAD, QoS.AT_LEAST_ONCE);
        page.wire().close();
        Client wrong = Bare.ws(broker);
        assertThat(wrong.connect(Bare.connect(House.unique("secret"), "ann", WRONG))
                        .reason()
                        .isError())
                .isTrue();
        http(broker.port("ws-default"));
        byTls(broker, "-u", "ann", "-P", PASSWORD);
        byTls(broker, "--cert", file("client.crt"), "--key", file("client.key"));
    }

    private void byTls(Instance broker, String... credentials) {
        List<String> command = new ArrayList<>(List.of("mosquitto_pub", "-h", "127.0.0.1", "--cafile", file("ca.crt")));
        command.addAll(List.of("-p", "" + broker.port("tcp-tls"), "-t", "t", "-m", PAYLOAD));
        command.addAll(List.of(credentials));
        try (Program program = Program.start(command)) {
            program.succeeded();
        }
    }

    private String file(String name) {
        return certificates.resolve(name).toString();
    }

    private static ReasonCode comes(Instance broker, ProtocolVersion version, String user, String password)
            throws IOException {
        Client client = Bare.tcp(broker, "127.0.0.1", version);
        Connect connect = Bare.connect(version, House.unique("secret"), user, password, Properties.NONE);
        ReasonCode reason = client.connect(connect).reason();
        if (!reason.isError()) client.publish("t", PAYLOAD, QoS.AT_MOST_ONCE);
        client.wire().close();
        return reason;
    }

    private void scram(Instance broker, String password, ReasonCode end) throws IOException {
        ScramClient sue = new ScramClient("256", "sue", password);
        assertThat(Bare.scram(Bare.tcp(broker), House.unique("secret"), sue)).isEqualTo(end);
        String last = sue.sent.get(0);
        secrets.add(new Secret("proof of SCRAM", last.substring(last.indexOf(",p=") + 3)));
    }

    /** As somebody does who thinks that there are users of HTTP. */
    private static void http(int port) throws IOException {
        try (Socket socket = Bare.socket(port, "127.0.0.1")) {
            String basic = Base64.getEncoder().encodeToString(("ann:" + BASIC).getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream()
                    .write(("GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic " + basic
                                    + "\r\nCookie: session=" + BASIC + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains(" 200 ");
        }
    }

    /** Each of the files with a secret, while the broker runs; what reads them logs what it did. */
    private static void changeSettings(Instance broker, Directory directory) throws Exception {
        for (String file : List.of("io.courtier.listener.tcp-tls.cfg", "io.courtier.listener.ws-tls.cfg")) {
            String text = Files.readString(broker.etc().resolve(file));
            int port = broker.port(file.replace("io.courtier.listener.", "").replace(".cfg", ""));
            broker.with(file, text.replace("port = 0", "port = " + port), "backlog = 100");
        }
        String[] realm = Directory.realm(directory.port());
        for (int i = 0; i < realm.length; i++) {
            realm[i] = realm[i].replace(BIND_PASSWORD, NEXT_BIND_PASSWORD);
        }
        broker.with("io.courtier.realm-ldap.cfg", realm);
        Patience.until("the other realm is there", () -> comes(broker, ProtocolVersion.V5, "bob", "bob-secret")
                .isError());
        broker.with("io.courtier.realm-ldap.cfg", Directory.realm(directory.port()));
        Patience.until("the realm is back", () -> !comes(broker, ProtocolVersion.V5, "bob", "bob-secret")
                .isError());
        broker.with(
                "io.courtier.broker.cfg",
                Files.readString(broker.etc().resolve("io.courtier.broker.cfg")),
                "receive.maximum = 99");
        broker.with("io.courtier.auth.jwt.cfg", "secret.file = courtier-jwt-secret", "threads = 1");
    }

    /** What is no password, but as good as one, or the beginning of one. */
    private void addHashesAndKeys(Instance broker) throws IOException {
        String hash = line(broker.etc().resolve("courtier-passwd"), "ann:").split(":")[1];
        secrets.add(new Secret("hash of a password", hash.substring(hash.lastIndexOf('$') + 1)));
        for (String part : line(broker.etc().resolve("courtier-scram"), "sue:").split("[:,$]")) {
            if (part.length() > 20) secrets.add(new Secret("stored for SCRAM", part));
        }
        for (String key : List.of("server.key", "client.key")) {
            secrets.add(new Secret(
                    key, Files.readAllLines(certificates.resolve(key)).get(1)));
        }
    }

    private static String line(Path file, String begin) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(begin))
                .findAny()
                .orElseThrow();
    }

    private static String shellPassword(Instance broker) throws IOException {
        return Files.readAllLines(broker.etc().resolve("users.properties")).stream()
                .filter(line -> line.startsWith("courtier = "))
                .map(line -> line.substring("courtier = ".length(), line.indexOf(',')))
                .findAny()
                .orElseThrow();
    }
}
