// SPDX-License-Identifier: Apache-2.0
package io.courtier.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher as a person uses it, in the unpacked tar.gz, where there is nothing to build. */
class LauncherIT {
    private static final long PATIENCE_SECONDS = 60;

    @TempDir
    private static Path unpacked;

    private static Path launcher;

    @TempDir
    private Path folder;

    private Path data;
    private final List<Process> started = new ArrayList<>();

    /** How a command ended, and what it printed. */
    private record Ended(int status, String out, String err) {}

    @BeforeAll
    static void unpack() throws IOException, InterruptedException {
        Process tar = new ProcessBuilder(
                        "tar", "xzf", System.getProperty("courtier.distribution"), "--strip-components=1")
                .directory(unpacked.toFile())
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).isZero();
        launcher = unpacked.resolve("courtier");
    }

    @BeforeEach
    void nameTheInstance() {
        data = folder.resolve("instance with a space");
    }

    @AfterEach
    void endWhatIsLeft() throws IOException, InterruptedException {
        if (Files.exists(data)) courtier("stop", "--data", data.toString());
        for (Process each : started) each.destroyForcibly().waitFor();
    }

    @AfterAll
    static void leavesTheDistributionAsItWas() {
        assertThat(unpacked.resolve("run")).doesNotExist();
    }

    @Test
    void refusesWhatItDoesNotUnderstand() throws IOException, InterruptedException {
        assertThat(courtier("fly"))
                .isEqualTo(new Ended(2, "", "courtier: no command \"fly\"; courtier help lists them\n"));
        assertThat(courtier("run", "--wings", "2"))
                .isEqualTo(new Ended(2, "", "courtier: no option \"--wings\"; see: courtier help run\n"));
        assertThat(courtier("run", "--tcp", "70000"))
                .isEqualTo(new Ended(2, "", "courtier: --tcp needs a port from 0 to 65535, not \"70000\"\n"));
    }

    @Test
    void refusesAnOldJava() throws IOException, InterruptedException {
        Path old = Files.createDirectories(folder.resolve("jdk8/bin")).resolve("java");
        Files.writeString(old, "#!/bin/sh\necho 'openjdk version \"1.8.0_402\"' >&2\n");
        assertThat(old.toFile().setExecutable(true)).isTrue();
        ProcessBuilder command = command("run", "--data", data.toString());
        command.environment().put("JAVA_HOME", folder.resolve("jdk8").toString());
        Ended ended = ended(command);
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err()).containsOnlyOnce("\n").contains("Java 1.8.0_402", "needs 17");
    }

    @Test
    void saysInOneSentenceThatThePortIsInUse() throws IOException, InterruptedException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ended ended = courtier(
                    "run", "--data", data.toString(), "--tcp", Integer.toString(taken.getLocalPort()), "--ws", "0");
            assertThat(ended.status()).isEqualTo(1);
            assertThat(ended.err()).containsOnlyOnce("\n").contains("tcp-default", "127.0.0.1:" + taken.getLocalPort());
            assertThat(ended.out()).isEmpty();
        }
    }

    @Test
    void becomesTheBrokerAndEndsOnSigterm() throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        ProcessBuilder command = command("run", "--data", data.toString(), "--tcp", "0", "--ws", "0");
        Process broker =
                command.redirectOutput(out.toFile()).redirectErrorStream(true).start();
        started.add(broker);
        awaitReady(broker, out);
        assertThat(read(out))
                .startsWith("Courtier ")
                .contains(" is ready.", data.resolve("data/log").toString());
        assertThat(Files.readString(data.resolve("data/courtier.pid")).strip()).isEqualTo(Long.toString(broker.pid()));
        assertThat(read(data.resolve("data/log/courtier.log")))
                .as("from the first moment on, before its configuration came")
                .contains("Creating configuration {org.ops4j.pax.logging}");
        BareClient.connect(port(read(out), "mqtt"), "run").close();
        broker.destroy();
        assertThat(broker.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(broker.exitValue()).isIn(0, 143);
    }

    @Test
    void startsInTheBackgroundOnceForEachInstance() throws IOException, InterruptedException {
        String instance = data.toString();
        assertThat(courtier("status", "--data", instance).status()).isEqualTo(3);
        Ended first = courtier("start", "--data", instance, "--tcp", "0", "--ws", "0");
        assertThat(first.status()).as(first::err).isZero();
        BareClient.connect(port(first.out(), "mqtt"), "start").close();
        assertThat(courtier("status", "--data", instance).out()).contains("is running", "mqtt://127.0.0.1:");
        Ended second = courtier("start", "--data", instance, "--tcp", "0", "--ws", "0");
        assertThat(second.status()).isEqualTo(1);
        assertThat(second.err()).containsOnlyOnce("\n").contains("is running already");
        assertThat(courtier("stop", "--data", instance).status()).isZero();
        assertThat(courtier("status", "--data", instance).status()).isEqualTo(3);
    }

    /** As the first process of a container does: the broker that has ended stays in the table of processes. */
    @Test
    void stopsWhatNobodyWaitsFor() throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        ProcessBuilder command = command("run", "--data", data.toString(), "--tcp", "0", "--ws", "0");
        command.command().addAll(0, List.of("bash", "-c", "\"$0\" \"$@\" & exec sleep 600"));
        Process parent =
                command.redirectOutput(out.toFile()).redirectErrorStream(true).start();
        started.add(parent);
        awaitReady(parent, out);
        Ended stop = courtier("stop", "--data", data.toString());
        assertThat(stop.status()).as(stop::err).isZero();
        assertThat(parent.children()).as("it is still there").isNotEmpty();
    }

    @Test
    void keepsWhatThePersonChangedInEtc() throws IOException, InterruptedException {
        Path etc = data.resolve("etc");
        Files.createDirectories(etc);
        Path mine = etc.resolve("io.courtier.broker.cfg");
        Files.writeString(mine, "sessions.max = 7\n");
        assertThat(courtier("start", "--data", data.toString(), "--tcp", "0", "--ws", "0")
                        .status())
                .isZero();
        assertThat(mine).hasContent("sessions.max = 7");
    }

    @Test
    void opensTheShellOnRequest() throws IOException, InterruptedException {
        Ended start = courtier("start", "--data", data.toString(), "--tcp", "0", "--ws", "0");
        assertThat(start.status()).as(start::err).isZero();
        assertThat(shell("bundle:list")).contains("Courtier :: broker");
        try (BareClient client = BareClient.connect(port(start.out(), "mqtt"), "pump-7")) {
            client.ping();
            assertThat(shell("courtier:clients")).contains("pump-7", "tcp-default", "127.0.0.1");
            assertThat(shell("courtier:explain pump-7 '$SYS/x'"))
                    .contains("connected by tcp-default", "publish     not allowed  (line", "deny   publish    $SYS/#")
                    .contains("subscribe   allowed");
            assertThat(shell("courtier:explain nobody a/b")).contains("There is no session of client nobody.");
        }
    }

    @Test
    void makesCertificatesThatAClientCanVerify() throws IOException, InterruptedException, GeneralSecurityException {
        Ended missing = courtier("run", "--data", data.toString(), "--tls", "0");
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.err()).containsOnlyOnce("\n").contains("certs");
        assertThat(courtier("certs", "--data", data.toString()).status()).isZero();
        Ended start =
                courtier("start", "--data", data.toString(), "--tcp", "0", "--ws", "0", "--tls", "0", "--wss", "0");
        assertThat(start.status()).as(start::err).isZero();
        SSLContext tls = trusting(data.resolve("etc/tls/ca.crt"));
        int port = port(start.out(), "mqtts");
        BareClient.connect(tls.getSocketFactory().createSocket("127.0.0.1", port), "tls")
                .close();
        assertThat(status("https://127.0.0.1:" + port(start.out(), "wss") + "/", tls))
                .isEqualTo(200);
    }

    @Test
    void servesAPageBesideWebSocket() throws IOException, InterruptedException {
        Ended start = courtier("start", "--data", data.toString(), "--tcp", "0", "--ws", "0");
        assertThat(start.status()).as(start::err).isZero();
        int port = port(start.out(), "ws");
        assertThat(status("http://127.0.0.1:" + port + "/", null)).isEqualTo(200);
        assertThat(status("http://127.0.0.1:" + port + "/mqtt", null)).isEqualTo(426);
    }

    @Test
    void makesCertificatesForClientsByName() throws IOException, InterruptedException {
        String instance = data.toString();
        assertThat(courtier("certs", "--data", instance).status()).isZero();
        Path tls = data.resolve("etc/tls");
        byte[] authority = Files.readAllBytes(tls.resolve("ca.crt"));
        assertThat(courtier("certs", "--data", instance, "--client", "pump 7", "--client", "pump-8")
                        .status())
                .isZero();
        assertThat(tls.resolve("client-pump_7.key")).exists();
        assertThat(tls.resolve("client-pump-8.crt")).exists();
        assertThat(tls.resolve("ca.crt")).hasBinaryContent(authority);
        Ended wrong = courtier("certs", "--data", instance, "--client", "../x");
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).containsOnlyOnce("\n");
    }

    private static int status(String url, SSLContext tls) throws IOException, InterruptedException {
        HttpClient.Builder client = HttpClient.newBuilder();
        if (tls != null) client.sslContext(tls);
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
        return client.build()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private String shell(String command) throws IOException, InterruptedException {
        return courtier("shell", "--data", data.toString(), command).out();
    }

    private static SSLContext trusting(Path certificate) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(certificate)) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static int port(String block, String scheme) {
        Matcher url =
                Pattern.compile(" " + scheme + "://127\\.0\\.0\\.1:(\\d+)").matcher(block);
        assertThat(url.find()).as(block).isTrue();
        return Integer.parseInt(url.group(1));
    }

    private void awaitReady(Process process, Path out) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!Files.exists(data.resolve("data/ready"))) {
            assertThat(process.waitFor(20, TimeUnit.MILLISECONDS))
                    .as(() -> read(out))
                    .isFalse();
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }

    private ProcessBuilder command(String... arguments) {
        List<String> line = new ArrayList<>(List.of(launcher.toString()));
        line.addAll(List.of(arguments));
        ProcessBuilder command = new ProcessBuilder(line);
        command.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return command;
    }

    private Ended courtier(String... arguments) throws IOException, InterruptedException {
        return ended(command(arguments));
    }

    /** Runs to the end. Into files, because a broker in the background would hold a pipe open. */
    private Ended ended(ProcessBuilder command) throws IOException, InterruptedException {
        File out = File.createTempFile("out", null, folder.toFile());
        File err = File.createTempFile("err", null, folder.toFile());
        Process process = command.redirectOutput(out).redirectError(err).start();
        started.add(process);
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as(() -> read(err.toPath()))
                .isTrue();
        return new Ended(process.exitValue(), Files.readString(out.toPath()), Files.readString(err.toPath()));
    }
}
