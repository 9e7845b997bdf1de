// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that a test started, what it printed (errors too), and how it ended; ended at the latest with the test. */
public final class Program implements AutoCloseable {
    private final List<String> command;
    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private final Thread reader;

    private Program(List<String> command, ProcessBuilder builder) {
        this.command = command;
        try {
            process = builder.command(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        reader = new Thread(this::read, "output of " + command.get(0));
        reader.setDaemon(true);
        reader.start();
    }

    public static Program start(List<String> command) {
        return new Program(command, new ProcessBuilder());
    }

    public static Program startIn(Path directory, List<String> command) {
        return new Program(command, new ProcessBuilder().directory(directory.toFile()));
    }

    /** Fails with a sentence when the command is not on the path. */
    public static void need(String command, String debianPackage) {
        String path = System.getenv().getOrDefault("PATH", "");
        boolean found = Arrays.stream(path.split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, command)));
        if (!found) {
            fail("there is no %s, which these tests run: install it (Debian: apt-get install %s)"
                    .formatted(command, debianPackage));
        }
    }

    private void read() {
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line; (line = in.readLine()) != null; ) {
                synchronized (lines) {
                    lines.add(line);
                }
            }
        } catch (IOException e) {
            // It was ended.
        }
    }

    public List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    public Program awaitLine(String part) {
        Patience.until(
                () -> "\"" + part + "\" from " + this, () -> lines().stream().anyMatch(line -> line.contains(part)));
        return this;
    }

    /** Gives it this on its standard input, and the end of it. */
    public Program say(String text) {
        try (OutputStream out = process.getOutputStream()) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Waits for its end; all that it printed is there then. */
    public int status() {
        return status(Patience.LIMIT);
    }

    public int status(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("waited in vain for the end of " + this);
            }
            reader.join(limit.toMillis());
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits for its end, which must be a good one. */
    public List<String> succeeded() {
        int status = status();
        if (status != 0) throw new AssertionError("status " + status + " of " + this);
        return lines();
    }

    /** As by kill -9: it has no time for a last word. */
    public void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        kill();
        status();
    }

    @Override
    public String toString() {
        return String.join(" ", command) + ", which printed:\n" + String.join("\n", lines());
    }
}
