// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import io.courtier.clients.House;
import io.courtier.clients.MqttJs;
import io.courtier.clients.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The scripts and pages in src/test/seeds, and how Node runs them. */
final class Seeds {
    private static final Path FOLDER = Path.of(System.getProperty("basedir", ""), "src/test/seeds");
    /** Where {@code require('mqtt')} works and files are scripts, not modules. */
    private static final Path RUN = MqttJs.INSTALLED.resolve("seeds");

    private Seeds() {}

    static String text(String name) {
        try {
            return Files.readString(FOLDER.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs a seed as it is. It dials the port that its author chose, which a test may not occupy: Node is told to dial
     * another one instead.
     */
    static Program run(String name, int chosenPort, int port) throws IOException {
        prepare();
        Path script = RUN.resolve(House.unique("seed") + ".js");
        Files.copy(FOLDER.resolve(name), script, StandardCopyOption.REPLACE_EXISTING);
        Path redirect = RUN.resolve("port-" + port + ".cjs");
        Files.writeString(
                redirect,
                """
                const net = require('net');
                const connect = net.connect;
                net.connect = (options, ...more) =>
                    connect(Number(options.port) === %d ? { ...options, port: %d } : options, ...more);
                """
                        .formatted(chosenPort, port));
        return Program.startIn(
                RUN,
                List.of(
                        "node",
                        "--require",
                        redirect.toAbsolutePath().toString(),
                        script.getFileName().toString()));
    }

    /** Runs a script of that text. */
    static Program run(String text) throws IOException {
        prepare();
        String name = House.unique("script") + ".js";
        Files.writeString(RUN.resolve(name), text);
        return Program.startIn(RUN, List.of("node", name));
    }

    private static void prepare() throws IOException {
        MqttJs.install();
        Files.createDirectories(RUN);
        Files.writeString(RUN.resolve("package.json"), "{ \"type\": \"commonjs\" }\n");
    }
}
