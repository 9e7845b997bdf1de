// SPDX-License-Identifier: Apache-2.0
import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.aayushatharva.brotli4j.encoder.Encoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * Makes the folder www of the bundle while it is built: the pages, the compiled core, MQTT.js for the pages of others, each also packed,
 * and a list of all, by which the bundle knows what it has to unpack and whether that changed. The same sources give the
 * same bytes.
 */
public final class PackWebFiles {
    private static final List<String> PACKED =
            List.of(".html", ".css", ".js", ".mjs", ".svg", ".json", ".txt", ".ts", ".wasm", ".webmanifest");

    /** Less gains nothing: it is one packet on the wire either way. */
    private static final int PACKED_FROM_BYTES = 1_000;

    private final Map<String, byte[]> files = new TreeMap<>();

    public static void main(String[] arguments) throws Exception {
        Path sources = Path.of(arguments[0]);
        PackWebFiles pack = new PackWebFiles();
        pack.collect(sources);
        pack.addPacked();
        pack.write(Path.of(arguments[1]));
    }

    private void collect(Path sources) throws Exception {
        addFolder(sources.resolve("web/client"), "client/");
        addFolder(sources.resolve("web/lab"), "lab/");
        // One look for all pages; each folder is served alone.
        addFolder(sources.resolve("web/client/style"), "lab/style/");
        for (String shared : List.of("js/dom.js", "js/texts.js")) {
            files.put(
                    "lab/" + shared,
                    Files.readAllBytes(sources.resolve("web/client").resolve(shared)));
        }
        addModule();
        files.put("lab/precache.js", precache());
        // Behind the list, which it contains: the browser keeps a worker's own script, and asks nobody for it without a
        // network.
        files.put(
                "lab/message-port/service-worker.classic.js",
                ClassicScript.of(files, "lab/message-port/service-worker.js"));
        byte[] library = Files.readAllBytes(sources.resolve("vendor/mqtt/mqtt.min.js"));
        byte[] licence = Files.readAllBytes(sources.resolve("vendor/mqtt/LICENSE.md"));
        byte[] wrapper = Files.readAllBytes(sources.resolve("web/mqtt-here.js"));
        files.put("client/vendor/mqtt.min.js", library);
        files.put("client/vendor/mqtt.LICENSE.txt", licence);
        files.put("mqtt.js", joined(library, "\n/*!\n", licence, "*/\n", wrapper));
    }

    private void addFolder(Path folder, String prefix) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path file : found.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(file).toString().replace('\\', '/');
                files.put(prefix + name, Files.readAllBytes(file));
            }
        }
    }

    /** The compiled core and what belongs to it, from the module that compiles it: a folder while building, or its jar. */
    private void addModule() throws Exception {
        URL entry = PackWebFiles.class.getResource("/courtier/courtier.js");
        if (entry == null) throw new IOException("courtier-browser is not built: it needs the phase process-classes");
        if (!entry.getProtocol().equals("jar")) {
            addFolder(Path.of(entry.toURI()).getParent(), "courtier/");
            return;
        }
        try (FileSystem jar = FileSystems.newFileSystem(entry.toURI(), Map.of())) {
            addFolder(jar.getPath("/courtier"), "courtier/");
        }
    }

    /** What the lab's service worker keeps for when there is no network, and what names this state of it. */
    private byte[] precache() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        StringBuilder list = new StringBuilder();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            String name = file.getKey();
            if (!name.startsWith("lab/") && !name.startsWith("courtier/") || name.endsWith(".ts")) continue;
            digest.update(name.getBytes(StandardCharsets.UTF_8));
            digest.update(file.getValue());
            String address = name.endsWith("/index.html") ? name.substring(0, name.length() - 10) : name;
            list.append("  '/").append(address).append("',\n");
        }
        String version = HexFormat.of().formatHex(digest.digest(), 0, 8);
        return ("// SPDX-License-Identifier: Apache-2.0\n// Made by the build.\nexport const VERSION = '" + version
                        + "';\nexport const FILES = [\n" + list + "];\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] joined(Object... parts) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Object part : parts) {
            all.write(part instanceof byte[] bytes ? bytes : ((String) part).getBytes(StandardCharsets.UTF_8));
        }
        return all.toByteArray();
    }

    private void addPacked() throws IOException {
        boolean brotli = Brotli4jLoader.isAvailable();
        if (!brotli) System.out.println("No native Brotli for this platform: the web files come with gzip only.");
        for (Map.Entry<String, byte[]> file : new TreeMap<>(files).entrySet()) {
            byte[] plain = file.getValue();
            if (plain.length < PACKED_FROM_BYTES || PACKED.stream().noneMatch(file.getKey()::endsWith)) continue;
            files.put(file.getKey() + ".gz", gzip(plain));
            if (brotli) files.put(file.getKey() + ".br", brotli(plain));
        }
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        // Writes no time and no name.
        try (OutputStream out = new GZIPOutputStream(packed) {
            {
                def.setLevel(9);
            }
        }) {
            out.write(plain);
        }
        return packed.toByteArray();
    }

    private static byte[] brotli(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        Encoder.Parameters best = new Encoder.Parameters().setQuality(11).setWindow(22);
        try (OutputStream out = new BrotliOutputStream(packed, best)) {
            out.write(plain);
        }
        return packed.toByteArray();
    }

    /** The list: what identifies all of it in the first line, then size and name of each file. */
    private void write(Path folder) throws Exception {
        clear(folder);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        StringBuilder list = new StringBuilder();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path target = folder.resolve(file.getKey());
            Files.createDirectories(target.getParent());
            Files.write(target, file.getValue());
            String line = file.getValue().length + " " + file.getKey() + "\n";
            list.append(line);
            digest.update(line.getBytes(StandardCharsets.UTF_8));
            digest.update(file.getValue());
        }
        String identity = HexFormat.of().formatHex(digest.digest(), 0, 8);
        Files.writeString(folder.resolve("list"), identity + "\n" + list);
    }

    private static void clear(Path folder) throws IOException {
        if (!Files.exists(folder)) return;
        try (Stream<Path> old = Files.walk(folder)) {
            for (Path path : old.sorted((a, b) -> b.compareTo(a)).toList()) Files.delete(path);
        }
    }
}
