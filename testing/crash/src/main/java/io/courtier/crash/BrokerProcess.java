// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A broker as a process of its own, which ends by SIGKILL and in no other way. Not for more than one thread. */
final class BrokerProcess {
    private static final int LINES_MAX = 200;
    private static final int KILLED = 128 + 9;

    private final Process process;
    private final long startNanos = System.nanoTime();
    private final Thread reader;
    private final Object lock = new Object();
    // Guarded by the lock.
    private final Deque<String> lines = new ArrayDeque<>();
    private final List<String> complaints = new ArrayList<>();
    private boolean opening;
    private int port;
    private int folds;

    private BrokerProcess(Process process) {
        this.process = process;
        reader = new Thread(this::read, "crash-broker-output");
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts one on a folder, with the class path of this process and flags of {@link CrashBroker}; it makes the folder where there is none. */
    static BrokerProcess start(Path folder, String... flags) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                CrashBroker.class.getName(),
                folder.toString()));
        command.addAll(List.of(flags));
        return new BrokerProcess(
                new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    private void read() {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) heard(line);
        } catch (IOException e) {
            // It ended: so does what it says.
        }
    }

    private void heard(String line) {
        synchronized (lock) {
            if (line.equals(CrashBroker.OPENING)) opening = true;
            else if (line.equals(CrashBroker.FOLDING)) folds++;
            else if (line.startsWith(CrashBroker.PORT))
                port = Integer.parseInt(line, CrashBroker.PORT.length(), line.length(), 10);
            else {
                if (lines.size() == LINES_MAX) lines.remove();
                lines.add(line);
                boolean bad = line.contains("ERROR") || line.contains("Exception") || line.contains("WARN");
                if (bad && complaints.size() < LINES_MAX) complaints.add(line);
            }
            lock.notifyAll();
        }
    }

    /** Waits until it opens its files. False: it does not. */
    boolean awaitOpening(long millis) throws InterruptedException {
        return await(millis, () -> opening);
    }

    /** Waits until it listens; gives the port, or 0: it does not. */
    int awaitPort(long millis) throws InterruptedException {
        return await(millis, () -> port != 0) ? port : 0;
    }

    private interface Condition {
        boolean holds();
    }

    private boolean await(long millis, Condition condition) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        synchronized (lock) {
            while (!condition.holds()) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
                if (left <= 0 || !process.isAlive()) return false;
                lock.wait(Math.min(left, 100));
            }
            return true;
        }
    }

    /** How many files of snapshots it has begun. */
    int folds() {
        synchronized (lock) {
            return folds;
        }
    }

    long ageMillis() {
        return (System.nanoTime() - startNanos) / 1_000_000;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL; returns when it is gone. Gives what is wrong with how it went: it had ended before; null: nothing. */
    @Nullable
    String kill() throws InterruptedException {
        process.destroyForcibly();
        int status = process.waitFor();
        reader.join(5_000);
        return status == KILLED ? null : "the broker ended by itself, with status " + status + ": " + lastLines();
    }

    /** Lines with warnings, errors and exceptions, bounded. */
    List<String> complaints() {
        synchronized (lock) {
            return List.copyOf(complaints);
        }
    }

    /** The last it said, for people. */
    String lastLines() {
        synchronized (lock) {
            return String.join("\n", lines);
        }
    }
}
