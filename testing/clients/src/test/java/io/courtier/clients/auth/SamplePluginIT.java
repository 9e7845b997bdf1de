// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.courtier.clients.House;
import io.courtier.clients.Lane;
import io.courtier.clients.Patience;
import io.courtier.clients.web.Instance;
import io.courtier.conformance.Client;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.jar.JarFile;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** {@code samples/authenticator} as its README says: built, put into a running broker, replaced, removed. */
@ResourceLock(Lane.LOGINS)
class SamplePluginIT {
    /** secret, by bcrypt. */
    private static final String BCRYPT = "$2b$10$DD5Oah0TKkRojnLG9RqCTeO7.Q26Ta6UwVNDPiRbXGd9sntR2X1qC";

    private static final String SITE_KEY = "key of the plant";

    @TempDir
    Path folder;

    private Path plugin;
    private Instance broker;

    @BeforeEach
    void built() {
        plugin = Path.of(System.getProperty("courtier.sample", ""));
        assumeTrue(Files.isRegularFile(plugin), "samples/authenticator is not built: mvn -Psamples");
    }

    @Test
    void decidesFromWhenItIsPutIntoARunningBrokerUntilItIsRemoved() throws Exception {
        try (Instance started = started()) {
            broker = started;
            assertThat(comes("device-7", keyOf("device-7"))).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
            deploy(Files.readAllBytes(plugin));
            Patience.until("it decides", () -> comes("device-7", keyOf("device-7")) == ReasonCode.SUCCESS);
            assertThat(comes("device-7", "guess")).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
            assertThat(comes("device-8", keyOf("device-7"))).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
            assertThat(comes("ann", "secret")).as("who is left to others").isEqualTo(ReasonCode.SUCCESS);

            Client device = Bare.tcp(broker);
            device.connect(Bare.connect(House.unique("device"), "device-7", keyOf("device-7")));
            assertThat(device.subscribe("devices/device-7/#", QoS.AT_LEAST_ONCE).reasons())
                    .as("by its role")
                    .containsExactly(ReasonCode.GRANTED_QOS_1);
            assertThat(device.subscribe("devices/device-8/#", QoS.AT_LEAST_ONCE).reasons())
                    .containsExactly(ReasonCode.NOT_AUTHORIZED);
            assertThat(broker.courtier("shell", "courtier:explain device-7 devices/device-7/x"))
                    .isNotEmpty();

            replaceWhileOthersComeIn();
            device.barrier();

            Files.delete(folder.resolve("deploy/device-keys.jar"));
            Patience.until(
                    "it is gone", () -> comes("device-7", keyOf("device-7")).isError());
            device.barrier();
            device.disconnect();
        }
        assertThat(Secret.found(List.of(new Secret("site key", SITE_KEY)), folder.resolve("data/log")))
                .isEmpty();
    }

    @Test
    void isAskedAboutTheFirstClientAfterARestart() throws Exception {
        try (Instance started = started()) {
            broker = started;
            deploy(Files.readAllBytes(plugin));
            Patience.until("it decides", () -> comes("device-7", keyOf("device-7")) == ReasonCode.SUCCESS);
        }
        try (Instance again = new Instance(folder).start()) {
            broker = again;
            assertThat(comes("device-7", keyOf("device-7"))).isEqualTo(ReasonCode.SUCCESS);
        }
    }

    private Instance started() {
        return new Instance(folder)
                .with("courtier-passwd", "ann:" + BCRYPT)
                .with("courtier-acl", "allow all devices/%u/# role devices", "deny all #")
                .with("org.example.devicekeys.cfg", "site.key = " + SITE_KEY)
                .start();
    }

    /** Nobody is judged without it, whenever he comes. */
    private void replaceWhileOthersComeIn() throws Exception {
        List<ReasonCode> wrong = new ArrayList<>();
        CompletableFuture<Void> replaced = CompletableFuture.runAsync(() -> {
            try {
                deploy(ofVersion("1.0.1"));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            Patience.until("it is updated", () -> broker.log().contains("Updating bundle org.example.devicekeys"));
        });
        int judged = 0;
        while (!replaced.isDone() || judged % 100 != 0) {
            boolean right = judged++ % 2 == 0;
            ReasonCode reason = comes("device-7", right ? keyOf("device-7") : "guess");
            ReasonCode expected = right ? ReasonCode.SUCCESS : ReasonCode.BAD_USER_NAME_OR_PASSWORD;
            if (reason != expected) wrong.add(reason);
        }
        replaced.get();
        assertThat(wrong).as("of " + judged).isEmpty();
        assertThat(broker.courtier("shell", "bundle:list")).anyMatch(line -> line.contains("1.0.1"));
    }

    /** At once, so that nobody sees half of it. */
    private void deploy(byte[] jar) throws IOException {
        Path deploy = Files.createDirectories(folder.resolve("deploy"));
        Path draft = Files.write(folder.resolve("device-keys.jar.draft"), jar);
        Files.move(draft, deploy.resolve("device-keys.jar"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** The same jar, of another version. */
    private byte[] ofVersion(String version) throws IOException {
        Path copy = folder.resolve("device-keys-" + version + ".jar.draft");
        try (JarInputStream from = new JarInputStream(Files.newInputStream(plugin))) {
            Manifest manifest = from.getManifest();
            manifest.getMainAttributes().putValue("Bundle-Version", version);
            try (OutputStream file = Files.newOutputStream(copy);
                    JarOutputStream to = new JarOutputStream(file, manifest)) {
                for (ZipEntry entry = from.getNextEntry(); entry != null; entry = from.getNextEntry()) {
                    if (entry.getName().equals(JarFile.MANIFEST_NAME) || entry.isDirectory()) continue;
                    to.putNextEntry(new ZipEntry(entry.getName()));
                    from.transferTo(to);
                }
            }
        }
        return Files.readAllBytes(copy);
    }

    private ReasonCode comes(String user, String password) throws IOException {
        Client client = Bare.tcp(broker);
        ReasonCode reason = client.connect(Bare.connect(House.unique("plugin"), user, password))
                .reason();
        client.wire().close();
        return reason;
    }

    private static String keyOf(String device) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SITE_KEY.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(device.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
