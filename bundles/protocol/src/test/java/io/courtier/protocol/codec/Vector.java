// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import io.courtier.protocol.ProtocolVersion;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One row of {@code vectors/*.txt} for one version; see the README there. */
record Vector(
        String file, String name, ProtocolVersion version, byte[] bytes, String outcome, List<String> statements) {
    static final List<String> FILES = List.of(
            "framing.txt",
            "connect.txt",
            "connack.txt",
            "publish.txt",
            "answers.txt",
            "subscribe.txt",
            "disconnect.txt");

    private static final Pattern TOKEN = Pattern.compile(
            "\\s+|(?<open>\\{)|(?<close>})|\"(?<ascii>[^\"]*)\"|'(?<utf8>[^']*)'|(?<repeat>[0-9A-F]{2})\\*(?<times>[0-9]+)|(?<hex>(?:[0-9A-F]{2})+)");

    static List<Vector> all() {
        List<Vector> all = new ArrayList<>();
        for (String file : FILES) all.addAll(read(file));
        return all;
    }

    static List<Vector> read(String file) {
        List<Vector> vectors = new ArrayList<>();
        InputStream stream = Vector.class.getResourceAsStream("/vectors/" + file);
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isBlank() || line.startsWith("#")) continue;
                String[] columns = line.split("\\|", -1);
                if (columns.length < 4 || columns.length > 5) throw new IllegalArgumentException(line);
                String ids = columns.length == 5 ? columns[4].strip() : "";
                for (ProtocolVersion version : versions(columns[1].strip())) {
                    vectors.add(new Vector(
                            file,
                            columns[0].strip(),
                            version,
                            bytes(columns[2]),
                            columns[3].strip(),
                            ids.isEmpty() ? List.of() : List.of(ids.split(",\\s*"))));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return vectors;
    }

    private static List<ProtocolVersion> versions(String column) {
        if (column.equals("all")) return List.of(ProtocolVersion.values());
        List<ProtocolVersion> versions = new ArrayList<>();
        for (String each : column.split(",")) {
            versions.add(
                    switch (each) {
                        case "3.1" -> ProtocolVersion.V3_1;
                        case "3.1.1" -> ProtocolVersion.V3_1_1;
                        case "5" -> ProtocolVersion.V5;
                        default -> throw new IllegalArgumentException(column);
                    });
        }
        return versions;
    }

    /** The bytes of a row's third column. */
    static byte[] bytes(String notation) {
        Deque<ByteArrayOutputStream> nested = new ArrayDeque<>();
        nested.push(new ByteArrayOutputStream());
        Matcher token = TOKEN.matcher(notation);
        int at = 0;
        for (; at < notation.length() && token.find(at) && token.start() == at; at = token.end()) {
            ByteArrayOutputStream out = nested.element();
            if (token.group("open") != null) {
                nested.push(new ByteArrayOutputStream());
            } else if (token.group("close") != null) {
                byte[] content = nested.pop().toByteArray();
                int length = content.length;
                for (; length > 127; length >>>= 7) nested.element().write(length & 0x7F | 0x80);
                nested.element().write(length);
                nested.element().writeBytes(content);
            } else if (token.group("ascii") != null) {
                out.writeBytes(token.group("ascii").getBytes(StandardCharsets.US_ASCII));
            } else if (token.group("utf8") != null) {
                byte[] text = token.group("utf8").getBytes(StandardCharsets.UTF_8);
                out.write(text.length >> 8);
                out.write(text.length);
                out.writeBytes(text);
            } else if (token.group("repeat") != null) {
                int times = Integer.parseInt(token.group("times"));
                for (int i = 0; i < times; i++) out.write(Integer.parseInt(token.group("repeat"), 16));
            } else if (token.group("hex") != null) {
                String hex = token.group("hex");
                for (int i = 0; i < hex.length(); i += 2) out.write(Integer.parseInt(hex.substring(i, i + 2), 16));
            }
        }
        if (at < notation.length() || nested.size() != 1) throw new IllegalArgumentException(notation);
        return nested.element().toByteArray();
    }

    boolean isRefused() {
        return outcome.startsWith("0x");
    }

    boolean isPacket() {
        return !isRefused() && !outcome.equals("more");
    }

    /** A decoder that is ready for these bytes. */
    PacketDecoder decoder() {
        PacketDecoder decoder = new PacketDecoder(100_000);
        if (!file.equals("connect.txt")) decoder.version(version);
        return decoder;
    }

    @Override
    public String toString() {
        return file + ": " + name + ", " + version;
    }
}
