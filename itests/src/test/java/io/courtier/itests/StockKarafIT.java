// SPDX-License-Identifier: Apache-2.0
package io.courtier.itests;

import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.features;

import java.io.File;
import java.io.IOException;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;

/** Somebody else's Karaf, offline: the feature installs from the KAR alone, and one file opens a listener. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class StockKarafIT {
    @Configuration
    public Option[] configuration() {
        String repositories = "file:${karaf.home}/${karaf.default.repository}@id=system.repository@snapshots, "
                + new File(System.getProperty("courtier.kar")).toURI() + "@id=kar@snapshots";
        return new Option[] {
            Container.from(System.getProperty("karaf.stock"), "Apache Karaf"),
            editConfigurationFilePut(
                    "etc/org.ops4j.pax.url.mvn.cfg", "org.ops4j.pax.url.mvn.defaultRepositories", repositories),
            editConfigurationFilePut("etc/io.courtier.listener.tcp-default.cfg", "port", "${" + Container.PORT + "}"),
            editConfigurationFilePut("etc/io.courtier.listener.ws-default.cfg", "port", "${" + Container.WS_PORT + "}"),
            features(
                    "mvn:io.courtier/courtier-features/" + System.getProperty("courtier.version") + "/xml/features",
                    "courtier")
        };
    }

    @Test
    public void answersAConnect() throws IOException {
        try (BareClient client = BareClient.connectSoon(Integer.getInteger(Container.PORT), "stock")) {
            client.ping();
        }
    }

    @Test
    public void servesThePageOfTheClient() throws Exception {
        Page.awaitStatus(200);
    }
}
