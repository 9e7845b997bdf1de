// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Kills a broker again and again, at a moment that chance chooses: while it starts or makes its first files, while it folds,
 * or while clients are busy; tears what was not synced, now and then; and starts it on the same folder. After some kills all
 * clients come home, and what they have is checked against what was acknowledged.
 *
 * <p>The seed says what is chosen; when exactly a process dies it cannot say.
 */
final class CrashHarness {
    private static final long START_MILLIS = 30_000;
    private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(6);
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(150);
    private static final int FOLD_WAIT_MILLIS = 1_700;

    /**
     * What is to be done.
     *
     * @param folder for the folders of the brokers; what is in it goes
     * @param killsPerCheck after so many it is checked what is there
     * @param ackEarly the broker has the planted bug
     * @param progress takes a line now and then
     */
    record Plan(int kills, long seed, Path folder, int killsPerCheck, boolean ackEarly, Consumer<String> progress) {}

    /**
     * What came of it.
     *
     * @param starting kills while it started
     * @param folding kills that left a fold unfinished
     * @param torn kills after which what was not synced was torn
     * @param acknowledged messages that publishers need not send again
     * @param received messages that came to subscribers, with those that came again
     * @param due of the checked ones those that a subscriber had to have
     * @param faults none, or the first of each kind
     */
    record Report(
            int kills,
            int starting,
            int folding,
            int torn,
            int checks,
            long acknowledged,
            long received,
            long due,
            double seconds,
            List<String> faults) {
        @Override
        public String toString() {
            return String.format(
                    "%d kills (%d while it started, %d in a fold, %d before torn writes), %d checks,"
                            + " %d messages acknowledged, %d received, %d of those were due, %.0f s (%.2f kills/s): %s",
                    kills,
                    starting,
                    folding,
                    torn,
                    checks,
                    acknowledged,
                    received,
                    due,
                    seconds,
                    kills / seconds,
                    faults.isEmpty() ? "nothing lost, doubled, out of order or corrupt" : String.join("\n", faults));
        }
    }

    private final Plan plan;
    private final Random random;
    private final Faults faults = new Faults();
    private final long startNanos = System.nanoTime();
    private Population population;
    private Path folder;
    /** On this folder. */
    private boolean wasUp;

    private int generations;
    private @Nullable BrokerProcess broker;
    private int port;
    private long upNanos;
    /** From opening its files to listening, as it was lately. */
    private double startingMillis = 150;

    private int kills;
    private int starting;
    private int folding;
    private int torn;
    private int checks;
    /** So many kills there were. */
    private int checkedAt;

    private long acknowledgedBefore;
    private long receivedBefore;
    private long dueBefore;

    CrashHarness(Plan plan) {
        this.plan = plan;
        random = new Random(plan.seed);
        population = new Population(faults);
        folder = plan.folder.resolve("store-0");
    }

    /** Runs the plan, or up to the first fault. */
    Report run() throws IOException, InterruptedException {
        try {
            clear(plan.folder);
            Files.createDirectories(plan.folder);
            while (kills < plan.kills && faults.isEmpty()) {
                crash();
                boolean last = kills >= plan.kills || !faults.isEmpty();
                if (last || kills - checkedAt >= plan.killsPerCheck) check();
                if (kills % 10 == 0) plan.progress.accept(report().toString());
            }
            return report();
        } finally {
            // Its end is no kill that counts.
            if (broker != null) broker.kill();
        }
    }

    private Report report() {
        return new Report(
                kills,
                starting,
                folding,
                torn,
                checks,
                acknowledgedBefore + population.acknowledged(),
                receivedBefore + population.received(),
                dueBefore + population.due(),
                (System.nanoTime() - startNanos) / 1e9,
                faults.all());
    }

    // ---- kills

    private void crash() throws IOException, InterruptedException {
        boolean isNew = !wasUp;
        int how = random.nextInt(100);
        if (how < (isNew ? 60 : 15)) killWhileItStarts();
        else {
            begin();
            if (isNew) liveFor(random.nextInt(60), () -> false);
            else if (how < 75) liveFor(20 + random.nextInt(700), () -> false);
            else {
                int folds = broker().folds();
                liveFor(FOLD_WAIT_MILLIS, () -> broker().folds() > folds);
                liveFor(random.nextInt(40), () -> false);
            }
        }
        kill();
        if (leftAFold()) folding++;
        if (random.nextInt(3) == 0 && !plan.ackEarly) {
            torn++;
            for (Path store : stores()) log("torn: " + TornWrites.tear(store, random));
        }
    }

    /** A snapshot is not finished, or the one before it is not deleted. */
    private boolean leftAFold() throws IOException {
        for (Path store : stores()) {
            List<String> names = namesIn(store);
            if (names.stream().anyMatch(name -> name.endsWith(".new"))) return true;
            if (names.stream()
                            .filter(name -> name.startsWith("messages-") || name.startsWith("retained-"))
                            .count()
                    > 1) return true;
        }
        return false;
    }

    /** The folders of the broker's stores; none before it made them. */
    private List<Path> stores() throws IOException {
        if (!Files.isDirectory(folder)) return List.of();
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(Files::isDirectory).sorted().toList();
        }
    }

    private static List<String> namesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private void killWhileItStarts() throws IOException, InterruptedException {
        if (broker != null) kill();
        starting++;
        broker = start();
        if (!broker.awaitOpening(START_MILLIS))
            faults.found(Faults.Kind.WRONG, "the broker does not start: " + broker.lastLines());
        LockSupport.parkNanos((long) (random.nextDouble() * 1.2 * startingMillis * 1e6));
    }

    private void begin() throws IOException, InterruptedException {
        if (broker != null) return;
        BrokerProcess started = start();
        broker = started;
        boolean opens = started.awaitOpening(START_MILLIS);
        long openedNanos = System.nanoTime();
        port = opens ? started.awaitPort(START_MILLIS) : 0;
        upNanos = System.nanoTime();
        startingMillis += 0.2 * ((upNanos - openedNanos) / 1e6 - startingMillis);
        log("started in " + started.ageMillis() + " ms, " + (upNanos - openedNanos) / 1_000_000
                + " ms of them for its files");
        wasUp = port != 0;
        if (port == 0) faults.found(Faults.Kind.WRONG, "the broker does not start: " + started.lastLines());
    }

    private BrokerProcess start() throws IOException {
        if (plan.ackEarly) return BrokerProcess.start(folder, CrashBroker.ACK_EARLY);
        return random.nextInt(4) == 0 ? BrokerProcess.start(folder, CrashBroker.SLOW) : BrokerProcess.start(folder);
    }

    private BrokerProcess broker() {
        if (broker == null) throw new IllegalStateException("no broker runs");
        return broker;
    }

    private void liveFor(long millis, BooleanSupplier enough) {
        long endNanos = System.nanoTime() + millis * 1_000_000;
        while (System.nanoTime() - endNanos < 0 && !enough.getAsBoolean() && port != 0) {
            population.live(port, upNanos, random);
            if (population.read() == 0) LockSupport.parkNanos(500_000);
            if (!broker().isAlive()) return;
        }
    }

    private void kill() throws IOException, InterruptedException {
        end();
        kills++;
    }

    private void end() throws IOException, InterruptedException {
        BrokerProcess ended = broker();
        broker = null;
        port = 0;
        String problem = ended.kill();
        if (problem != null) faults.found(Faults.Kind.WRONG, problem);
        population.mourn();
        for (String complaint : ended.complaints()) faults.found(Faults.Kind.CORRUPT, "the broker says: " + complaint);
        log("killed after " + ended.ageMillis() + " ms; it said:\n" + ended.lastLines());
    }

    // ---- checks

    private void check() throws IOException, InterruptedException {
        begin();
        if (port == 0) return;
        checks++;
        checkedAt = kills;
        long lodgersLeftNanos = System.nanoTime();
        population.lodgersLeave();
        await(population::isSettled);
        // What must not come has some time to come.
        long quietNanos = System.nanoTime();
        while (System.nanoTime() - quietNanos < QUIET_NANOS) if (step() > 0) quietNanos = System.nanoTime();
        while (System.nanoTime() - lodgersLeftNanos < Lodger.SURELY_GONE_NANOS + QUIET_NANOS) step();
        population.lodgersReturn(port, upNanos);
        await(population::lodgersAreHome);
        population.check();
        checkRetained();
        population.turnPage();
        lookForDamage();
        if (random.nextInt(3) > 0) emigrate();
    }

    private int step() {
        population.comeHome(port);
        int came = population.read();
        if (came == 0) LockSupport.parkNanos(500_000);
        return came;
    }

    /** Until it is so, or nothing has come for long. */
    private void await(BooleanSupplier condition) {
        long lastNanos = System.nanoTime();
        while (!condition.getAsBoolean() && System.nanoTime() - lastNanos < SETTLE_NANOS) {
            if (step() > 0) lastNanos = System.nanoTime();
        }
    }

    private void checkRetained() {
        RetainedCheck visitor = new RetainedCheck(faults);
        visitor.client.connect(port, true);
        long lastNanos = System.nanoTime();
        while (System.nanoTime() - lastNanos < 2 * QUIET_NANOS) {
            visitor.client.flush();
            if (visitor.client.read(visitor) > 0) lastNanos = System.nanoTime();
            else LockSupport.parkNanos(500_000);
        }
        visitor.client.disconnect();
        visitor.check(population.publishers());
    }

    private void lookForDamage() throws IOException {
        for (Path store : stores()) {
            for (String name : namesIn(store)) {
                if (name.endsWith(".damaged")) faults.found(Faults.Kind.CORRUPT, "a damaged file: " + name);
            }
        }
    }

    /** Another folder and other clients: files are made anew. */
    private void emigrate() throws IOException, InterruptedException {
        if (!faults.isEmpty()) return;
        // Nobody has a message under way: a kill like this one finds nothing, and does not count.
        end();
        acknowledgedBefore += population.acknowledged();
        receivedBefore += population.received();
        dueBefore += population.due();
        population = new Population(faults);
        clear(folder);
        folder = plan.folder.resolve("store-" + ++generations);
        wasUp = false;
    }

    /** For who looks for the cause of a fault. */
    private void log(String line) throws IOException {
        Files.writeString(
                plan.folder.resolve("harness.log"),
                "after " + kills + " kills: " + line + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    private static void clear(Path folder) throws IOException {
        if (!Files.exists(folder)) return;
        List<Path> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(all::add);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        for (Path each : all) Files.delete(each);
    }

    /** The long form: {@code KILLS SEED FOLDER [--ack-early]}. Ends with status 1 where something was found. */
    @SuppressWarnings("SystemOut") // A program for a terminal.
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Plan plan = new Plan(
                Integer.parseInt(arguments[0]),
                Long.parseLong(arguments[1]),
                Path.of(arguments[2]),
                25,
                List.of(arguments).contains(CrashBroker.ACK_EARLY),
                System.out::println);
        Report report = new CrashHarness(plan).run();
        System.out.println(report);
        System.exit(report.faults.isEmpty() ? 0 : 1);
    }
}
