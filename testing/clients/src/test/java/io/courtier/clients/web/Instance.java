// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import io.courtier.clients.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One running broker of the distribution, made and ended by the launcher; every listener on a free port. */
public final class Instance implements AutoCloseable {
    private static final Pattern LISTENER = Pattern.compile(" +(\\S+) +((?:mqtts?|wss?)://\\S+)");
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static Path unpacked;

    private final Path data;
    private final Map<String, URI> listeners = new HashMap<>();

    /** @param folder where the instance lives, empty or not there yet */
    public Instance(Path folder) {
        data = folder;
    }

    /** Runs another command of the launcher for this instance. */
    public List<String> courtier(String... words) {
        return courtierSaid("", words);
    }

    /** The same, with something on its standard input. */
    public List<String> courtierSaid(String input, String... words) {
        List<String> command =
                new ArrayList<>(List.of(distribution().resolve("courtier").toString()));
        command.add(words[0]);
        command.addAll(List.of("--data", data.toString()));
        command.addAll(List.of(words).subList(1, words.length));
        try (Program launcher = Program.start(command)) {
            launcher.say(input);
            if (launcher.status(LIMIT) != 0) {
                throw new AssertionError("status of " + launcher);
            }
            return launcher.lines();
        }
    }

    /** Adds a file to its {@code etc}. */
    public Instance with(String file, String... lines) {
        try {
            Files.createDirectories(etc());
            Files.writeString(etc().resolve(file), String.join("\n", lines) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Starts with a free port for each listener that the launcher has an option for. */
    public Instance start(String... more) {
        List<String> words = new ArrayList<>(List.of("start", "--tcp", "0", "--ws", "0"));
        words.addAll(List.of(more));
        for (String line : courtier(words.toArray(new String[0]))) {
            Matcher listener = LISTENER.matcher(line);
            if (listener.matches()) {
                listeners.put(listener.group(1), URI.create(listener.group(2)));
            }
        }
        return this;
    }

    public Path etc() {
        return data.resolve("etc");
    }

    public int port(String listener) {
        return listeners.get(listener).getPort();
    }

    /** What the broker logged until now. */
    public String log() {
        try {
            return Files.readString(data.resolve("data/log/courtier.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        courtier("stop");
    }

    /** The distribution as it was unpacked for all of them. */
    public static synchronized Path distribution() {
        if (unpacked == null) {
            Path folder = Path.of(System.getProperty("basedir", ""), "target", "courtier");
            String archive = System.getProperty("courtier.distribution");
            try (Program clean = Program.start(List.of("rm", "-rf", folder.toString()))) {
                clean.succeeded();
            }
            folder.toFile().mkdirs();
            try (Program tar = Program.startIn(folder, List.of("tar", "xzf", archive, "--strip-components=1"))) {
                tar.succeeded();
            }
            unpacked = folder.toAbsolutePath();
        }
        return unpacked;
    }
}
