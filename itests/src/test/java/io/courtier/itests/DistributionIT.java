// SPDX-License-Identifier: Apache-2.0
package io.courtier.itests;

import static org.junit.Assert.assertEquals;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;

import java.io.IOException;
import java.util.Arrays;
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
