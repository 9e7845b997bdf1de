// SPDX-License-Identifier: Apache-2.0
package io.courtier.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.replaceConfigurationFile;

import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.auth.Principal;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.inject.Inject;
import org.apache.karaf.features.BootFinished;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;

/** The guard is changed without waking anyone: nobody is disconnected, nothing is lost, nobody is judged wrongly. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class SwapUnderLoadIT {
    private static final String REPORT = "courtier.swap.report";

    private static final int CLIENTS = 1_000;
    private static final int MESSAGES_PER_SECOND = 5_000;
    /** device with the password secret. */
    private static final String USERS = "device:$2b$10$DD5Oah0TKkRojnLG9RqCTeO7.Q26Ta6UwVNDPiRbXGd9sntR2X1qC\n";

    @Inject
    private BundleContext context;

    @Inject
    private BootFinished bootFinished;

    @Configuration
    public Option[] configuration() throws IOException {
        Files.deleteIfExists(Path.of("target", "swap-under-load.md"));
        return new Option[] {
            Container.from(System.getProperty("courtier.distribution"), "Courtier"),
            replaceConfigurationFile("etc/courtier-passwd", file(USERS)),
            editConfigurationFilePut("etc/io.courtier.broker.cfg", "probe.allowed.user", "device"),
            editConfigurationFilePut("etc/io.courtier.broker.cfg", "probe.allowed.password", "secret"),
            editConfigurationFilePut("etc/io.courtier.broker.cfg", "probe.denied.user", "stranger"),
            editConfigurationFilePut("etc/io.courtier.broker.cfg", "probe.denied.password", "guess"),
            systemProperty(REPORT)
                    .value(Path.of("target", "swap-under-load.md")
                            .toAbsolutePath()
                            .toString()),
            editConfigurationFilePut("etc/custom.properties", "org.osgi.framework.startlevel.beginning", "110")
        };
    }

    private static File file(String text) {
        try {
            Path file = Files.createTempFile("courtier", "passwd");
            file.toFile().deleteOnExit();
            return Files.writeString(file, text).toFile();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    public void theAuthenticatorIsUpdatedTwentyTimes() throws Exception {
        BareClient.connectSoon(port(), "first").close();
        try (Crowd crowd = new Crowd(port(), "device", "secret", CLIENTS, MESSAGES_PER_SECOND);
                Newcomers newcomers = new Newcomers(port())) {
            for (int i = 0; i < 20; i++) {
                int judged = newcomers.judged();
                await(() -> newcomers.judged() >= judged + 4);
                bundle("io.courtier.auth").update();
            }
            int judged = newcomers.judged();
            await(() -> newcomers.judged() >= judged + 4);
            assertEquals(List.of(), newcomers.wrong());
            assertEquals("disconnected=0 unacknowledged=0 lost=0 doubled=0", crowd.report());
            note("20 updates of the authenticator", crowd, newcomers);
        }
    }

    @Test
    public void aGuardThatLetsEverybodyInIsKeptOut() throws Exception {
        BareClient.connectSoon(port(), "first").close();
        AtomicInteger asked = new AtomicInteger();
        Authenticator open = (request, answer) -> {
            asked.incrementAndGet();
            answer.accept(new AuthenticationResult.Allow(Principal.ANONYMOUS));
        };
        try (Crowd crowd = new Crowd(port(), "device", "secret", CLIENTS, MESSAGES_PER_SECOND);
                Newcomers newcomers = new Newcomers(port())) {
            for (int i = 0; i < 5; i++) {
                int before = asked.get();
                ServiceRegistration<Authenticator> registration = context.registerService(
                        Authenticator.class, open, new Hashtable<>(Map.of(Constants.SERVICE_RANKING, 1_000)));
                await(() -> asked.get() > before);
                int judged = newcomers.judged();
                await(() -> newcomers.judged() >= judged + 4);
                registration.unregister();
            }
            assertEquals(List.of(), newcomers.wrong());
            assertEquals("disconnected=0 unacknowledged=0 lost=0 doubled=0", crowd.report());
            assertTrue("it was tried, and never asked about a client", asked.get() <= 10);
            note("5 authenticators that let everybody in, kept out", crowd, newcomers);
        }
    }

    @Test
    public void theAccessRulesAreEditedAHundredTimes() throws Exception {
        BareClient.connectSoon(port(), "first").close();
        Path rules = Path.of(System.getProperty("karaf.etc"), "courtier-acl");
        String shipped = Files.readString(rules);
        try (Crowd crowd = new Crowd(port(), "device", "secret", CLIENTS, MESSAGES_PER_SECOND);
                Newcomers newcomers = new Newcomers(port())) {
            for (int i = 0; i < 100; i++) {
                long before = crowd.published();
                write(rules, "deny all other-" + i + "/#\n" + shipped);
                await(() -> crowd.published() > before + MESSAGES_PER_SECOND / 20);
            }
            assertEquals(List.of(), newcomers.wrong());
            assertEquals("disconnected=0 unacknowledged=0 lost=0 doubled=0", crowd.report());
            note("100 edits of the access rules", crowd, newcomers);
        } finally {
            write(rules, shipped);
        }
    }

    @Test
    public void theStoresAreUpdatedTenTimes() throws Exception {
        BareClient.connectSoon(port(), "first").close();
        try (Crowd crowd = new Crowd(port(), "device", "secret", CLIENTS, MESSAGES_PER_SECOND, true);
                Newcomers newcomers = new Newcomers(port())) {
            for (int i = 0; i < 10; i++) {
                long before = crowd.published();
                await(() -> crowd.published() > before + MESSAGES_PER_SECOND / 2);
                bundle(i % 2 == 0 ? "io.courtier.store.sessions" : "io.courtier.store.retained")
                        .update();
            }
            assertEquals(List.of(), newcomers.wrong());
            assertEquals("disconnected=0 unacknowledged=0 lost=0 doubled=0", crowd.report());
            note("10 updates of the stores, sessions that outlive the broker", crowd, newcomers);
        }
    }

    @Test
    public void nothingIsReplaced() throws Exception {
        BareClient.connectSoon(port(), "first").close();
        try (Crowd crowd = new Crowd(port(), "device", "secret", CLIENTS, MESSAGES_PER_SECOND);
                Newcomers newcomers = new Newcomers(port())) {
            await(() -> newcomers.judged() >= 80);
            assertEquals(List.of(), newcomers.wrong());
            assertEquals("disconnected=0 unacknowledged=0 lost=0 doubled=0", crowd.report());
            note("nothing, to compare", crowd, newcomers);
        }
    }

    /** A row of {@code target/swap-under-load.md}: how long clients wait who come in meanwhile. */
    private static void note(String replaced, Crowd crowd, Newcomers newcomers) throws Exception {
        Path report = Path.of(System.getProperty(REPORT));
        if (!Files.exists(report)) {
            Files.writeString(
                    report,
                    "# CONNECT while guards are replaced\n\n" + CLIENTS + " clients exchange " + MESSAGES_PER_SECOND
                            + " QoS 1 messages a second; milliseconds from opening a connection to CONNACK.\n\n"
                            + "| replaced | messages | clients judged | median, right password | median, wrong password"
                            + " | worst |\n|---|---|---|---|---|---|\n");
        }
        String row = "| " + replaced + " | " + crowd.published() + " | " + newcomers.waited() + " |\n";
        Files.writeString(report, row, StandardOpenOption.APPEND);
        System.out.print(row);
    }

    /** As careful editors do it. */
    private static void write(Path file, String text) throws IOException {
        Path draft = file.resolveSibling("courtier-acl.draft");
        Files.writeString(draft, text);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private interface Fact {
        boolean holds();
    }

    private static void await(Fact fact) {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!fact.holds()) {
            assertTrue("waited in vain", System.nanoTime() - deadlineNanos < 0);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private Bundle bundle(String symbolicName) {
        return Arrays.stream(context.getBundles())
                .filter(each -> each.getSymbolicName().equals(symbolicName))
                .findAny()
                .orElseThrow();
    }

    private static int port() {
        return Integer.getInteger(Container.PORT);
    }
}
