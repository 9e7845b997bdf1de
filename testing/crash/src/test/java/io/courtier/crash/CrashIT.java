// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * A broker that is killed. The long form: {@code -Dcrash.kills=1000}, with {@code -Dcrash.seed=...} for another choice of
 * moments.
 */
class CrashIT {
    private static final int KILLS = Integer.getInteger("crash.kills", 30);
    private static final long SEED = Long.getLong("crash.seed", 1);
    private static final Path FOLDER = Path.of(System.getProperty("crash.folder", "target/crash"));

    private static CrashHarness.Report run(int kills, int killsPerCheck, boolean ackEarly) throws Exception {
        CrashHarness.Report report = new CrashHarness(new CrashHarness.Plan(
                        kills,
                        SEED,
                        FOLDER.resolve(ackEarly ? "early" : "kept"),
                        killsPerCheck,
                        ackEarly,
                        System.out::println))
                .run();
        System.out.println(report);
        return report;
    }

    @Test
    void losesNothingThatItAcknowledged() throws Exception {
        CrashHarness.Report report = run(KILLS, KILLS > 100 ? 25 : 15, false);
        assertThat(report.faults()).as(report.toString()).isEmpty();
        assertThat(report.kills()).isGreaterThanOrEqualTo(KILLS);
        assertThat(report.acknowledged()).isPositive();
        assertThat(report.received()).isPositive();
    }

    @Test
    void catchesABrokerThatAcknowledgesTooEarly() throws Exception {
        // Which promise is broken first is chance: a message lost, one that was acknowledged sent again, an UNSUBSCRIBE
        // undone.
        assertThat(run(10, 2, true).faults())
                .anyMatch(fault -> fault.startsWith("LOST") || fault.startsWith("TWICE") || fault.startsWith("UNDUE"));
    }
}
