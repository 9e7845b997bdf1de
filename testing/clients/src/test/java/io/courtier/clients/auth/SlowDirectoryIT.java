// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.clients.House;
import io.courtier.clients.web.Instance;
import io.courtier.conformance.Client;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What clients of whom no directory is asked notice of one that is slow: how long their CONNECT takes, and a message of QoS 1
 * from PUBLISH until it arrived and was acknowledged. The figures are in {@code target/slow-ldap.md}.
 */
@Isolated // It measures.
class SlowDirectoryIT {
    private static final int SECONDS = 6;
    private static final int LOGINS_AT_ONCE = 20;
    /** Between two logins of one client, so that a quick directory is not asked far more often than a slow one. */
    private static final int PAUSE_MILLIS = 200;
    /** Of each answer of the directory; a login takes several. */
    private static final int DELAY_MILLIS = 400;

    @TempDir
    Path folder;

    @TempDir
    Path ldap;

    private Instance broker;
    private volatile boolean comingIn;

    /** What was measured meanwhile, in nanoseconds, sorted. */
    private record Times(long[] nanos) {
        static Times of(List<Long> unsorted) {
            return new Times(
                    unsorted.stream().mapToLong(Long::longValue).sorted().toArray());
        }

        double millis(double share) {
            if (nanos.length == 0) return Double.NaN;
            return nanos[(int) Math.min(nanos.length - 1, Math.floor(nanos.length * share))] / 1e6;
        }

        @Override
        public String toString() {
            return "%d | %.2f | %.2f | %.2f".formatted(nanos.length, millis(0.5), millis(0.99), millis(1));
        }
    }

    private record Phase(Times connects, Times messages, Times logins) {}

    @Test
    void othersDoNotWaitForASlowDirectory() throws Exception {
        try (Directory directory = new Directory(ldap);
                Delay delay = new Delay(directory.port())) {
            String[] realm = Directory.realm(delay.port());
            for (int i = 0; i < realm.length; i++) {
                realm[i] = realm[i].replaceFirst("(connect|read)\\.timeout\\.ms = \\d+", "$1.timeout.ms = 5000");
            }
            broker = new Instance(folder)
                    .with("io.courtier.realm-ldap.cfg", realm)
                    .with(
                            "io.courtier.auth.jaas.cfg",
                            "realm = ldap",
                            "timeout.ms = 8000",
                            "cache.max = 0",
                            "threads = 8")
                    .with("io.courtier.broker.cfg", "connect.seconds = 20")
                    .start();
            try (Instance started = broker) {
                measure(0); // For the JIT.
                Phase quiet = measure(0);
                Phase quick = measure(LOGINS_AT_ONCE);
                delay.set(DELAY_MILLIS);
                Phase slow = measure(LOGINS_AT_ONCE);
                delay.set(0);
                write(quiet, quick, slow);
                assertThat(quick.logins.nanos()).isNotEmpty();
                assertThat(slow.logins.millis(0)).as("it is slow").isGreaterThan(DELAY_MILLIS);
                // Whoever waits for the directory waits longer than this.
                assertThat(slow.connects.millis(0.99)).isLessThan(DELAY_MILLIS / 2.0);
                assertThat(slow.messages.millis(0.99)).isLessThan(DELAY_MILLIS / 2.0);
            }
        }
    }

    private Phase measure(int logins) throws Exception {
        comingIn = true;
        List<CompletableFuture<List<Long>>> comers = new ArrayList<>();
        for (int i = 0; i < logins; i++) comers.add(inAThread(this::logIn));
        CompletableFuture<List<Long>> connects = inAThread(this::connect);
        List<Long> messages = exchange();
        comingIn = false;
        List<Long> judged = new ArrayList<>();
        for (CompletableFuture<List<Long>> comer : comers) judged.addAll(comer.get());
        return new Phase(Times.of(connects.get()), Times.of(messages), Times.of(judged));
    }

    private interface Work {
        List<Long> run() throws Exception;
    }

    private static CompletableFuture<List<Long>> inAThread(Work work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return work.run();
                    } catch (Exception e) {
                        throw new CompletionException(e);
                    }
                },
                task -> new Thread(task).start());
    }

    /** Users of the directory, one after the other. */
    private List<Long> logIn() throws Exception {
        List<Long> nanos = new ArrayList<>();
        while (comingIn) {
            Client ann = Bare.tcp(broker, 30_000);
            long begunNanos = System.nanoTime();
            ReasonCode reason = ann.connect(Bare.connect(House.unique("login"), "ann", "ann-secret"))
                    .reason();
            nanos.add(System.nanoTime() - begunNanos);
            assertThat(reason).isEqualTo(ReasonCode.SUCCESS);
            ann.wire().close();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
        }
        return nanos;
    }

    /** Clients without credentials, one after the other, on new connections. */
    private List<Long> connect() throws Exception {
        List<Long> nanos = new ArrayList<>();
        while (comingIn) {
            Client client = Bare.tcp(broker);
            long begunNanos = System.nanoTime();
            ReasonCode reason = client.connect(Bare.connect(House.unique("other"), null, null))
                    .reason();
            nanos.add(System.nanoTime() - begunNanos);
            assertThat(reason).isEqualTo(ReasonCode.SUCCESS);
            client.wire().close();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
        return nanos;
    }

    /** One message after the other, between two clients on either event loop. */
    private List<Long> exchange() throws Exception {
        Client sender = Bare.tcp(broker);
        sender.connect(Bare.connect(House.unique("sender"), null, null));
        Client receiver = Bare.tcp(broker);
        receiver.connect(Bare.connect(House.unique("receiver"), null, null));
        receiver.subscribe("t", QoS.AT_LEAST_ONCE);
        List<Long> nanos = new ArrayList<>();
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (System.nanoTime() - deadlineNanos < 0) {
            long begunNanos = System.nanoTime();
            sender.publishAndWait("t", "x", QoS.AT_LEAST_ONCE, false);
            receiver.expectMessage();
            nanos.add(System.nanoTime() - begunNanos);
        }
        sender.disconnect();
        receiver.disconnect();
        return nanos;
    }

    private static void write(Phase quiet, Phase quick, Phase slow) throws Exception {
        StringBuilder report = new StringBuilder("# Others, while the directory is slow\n\n")
                .append(
                        "%d clients log in by LDAP, again and again; slapd answers at once, or each answer comes %d ms late.%n"
                                .formatted(LOGINS_AT_ONCE, DELAY_MILLIS))
                .append("Milliseconds.\n\n| | count | median | p99 | worst |\n|---|---|---|---|---|\n");
        String[] names = {"nobody logs in", "logins, quick directory", "logins, slow directory"};
        List<Phase> phases = Arrays.asList(quiet, quick, slow);
        for (int i = 0; i < names.length; i++) {
            Phase phase = phases.get(i);
            report.append("| CONNECT of others: ")
                    .append(names[i])
                    .append(" | ")
                    .append(phase.connects)
                    .append(" |\n");
            report.append("| PUBLISH of others: ")
                    .append(names[i])
                    .append(" | ")
                    .append(phase.messages)
                    .append(" |\n");
            if (i > 0)
                report.append("| ")
                        .append(names[i])
                        .append(": the logins | ")
                        .append(phase.logins)
                        .append(" |\n");
        }
        Files.writeString(Path.of(System.getProperty("basedir", ""), "target", "slow-ldap.md"), report);
        System.out.print(report);
    }
}
