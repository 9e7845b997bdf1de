// SPDX-License-Identifier: Apache-2.0
package io.courtier.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;

import io.courtier.api.Broker;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicName;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.StoreOperations;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
import org.osgi.framework.BundleException;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** The distribution as it is shipped: it listens, and its bundles can be replaced while it runs. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class DistributionIT {
    @Inject
    private BundleContext context;

    /** Nothing is updated while Pax Exam is still being installed: Felix refuses to resolve two bundles at once. */
    @Inject
    private BootFinished bootFinished;

    @Configuration
    public Option[] configuration() {
        return new Option[] {
            Container.from(System.getProperty("courtier.distribution"), "Courtier"),
            // Pax Exam comes by feature:install, which waits at the shell's start level in our distribution.
            editConfigurationFilePut("etc/custom.properties", "org.osgi.framework.startlevel.beginning", "110")
        };
    }

    @Test
    public void answersAConnect() throws IOException {
        try (BareClient client = BareClient.connectSoon(port(), "first")) {
            client.ping();
        }
    }

    @Test
    public void keepsConnectionsWhileTheAuthenticatorIsUpdated() throws IOException, BundleException {
        try (BareClient client = BareClient.connectSoon(port(), "stays")) {
            bundle("io.courtier.auth").update();
            client.ping();
            BareClient.connect(port(), "new").close();
        }
    }

    @Test
    public void listensAgainAfterTheTransportIsUpdated() throws IOException, BundleException {
        bundle("io.courtier.transport.tcp").update();
        BareClient.connectSoon(port(), "again").close();
        assertEquals(Bundle.ACTIVE, bundle("io.courtier.broker").getState());
    }

    @Test
    public void keepsTcpConnectionsAndServesAgainWhileWebBundlesAreUpdated() throws Exception {
        Page.awaitStatus(200);
        try (BareClient client = BareClient.connectSoon(port(), "beside")) {
            bundle("io.courtier.webclient").update();
            Page.awaitStatus(200);
            bundle("io.courtier.transport.ws").update();
            Page.awaitStatus(200);
            bundle("io.courtier.webclient").stop();
            Page.awaitStatus(404);
            bundle("io.courtier.webclient").start();
            Page.awaitStatus(200);
            client.ping();
        }
    }

    @Test
    public void keepsWhatIsRetainedInTablesOverAnUpdateOfTheStore() throws Exception {
        BareClient.connectSoon(port(), "before").close();
        ServiceReference<Broker> broker = context.getServiceReference(Broker.class);
        byte[] payload = {1, 2, 3};
        context.getService(broker)
                .publish(new ApplicationMessage(
                        TopicName.of("kept/over"),
                        payload,
                        QoS.AT_LEAST_ONCE,
                        true,
                        Properties.NONE,
                        null,
                        ApplicationMessage.NEVER));
        awaitKept("kept/over");
        store("retained").compact();
        assertTrue(store("retained").where().endsWith("/store/retained"));
        assertTrue(store("sessions").where().endsWith("/store/sessions"));
        try (BareClient client = BareClient.connect(port(), "stays")) {
            bundle("io.courtier.store.retained").update();
            bundle("io.courtier.store.sessions").update();
            awaitKept("kept/over");
            assertEquals(List.of(), store("retained").verify());
            assertEquals(List.of(), store("sessions").verify());
            client.ping();
        }
    }

    private StoreOperations store(String name) throws InvalidSyntaxException {
        return context.getServiceReferences(StoreOperations.class, null).stream()
                .map(context::getService)
                .filter(each -> each.name().equals(name))
                .findAny()
                .orElseThrow();
    }

    private void awaitKept(String topic) throws Exception {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        Set<String> kept = new HashSet<>();
        while (!kept.contains(topic)) {
            assertTrue("kept: " + kept, System.nanoTime() - deadlineNanos < 0);
            kept.clear();
            store("retained").export(new StoreOperations.Exported() {
                @Override
                public void session(long position, SessionRecord record) {}

                @Override
                public void retained(ApplicationMessage message) {
                    kept.add(message.topic().toString());
                }
            });
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
