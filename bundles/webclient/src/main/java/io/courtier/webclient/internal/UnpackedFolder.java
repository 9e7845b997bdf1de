// SPDX-License-Identifier: Apache-2.0
package io.courtier.webclient.internal;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks the files of this bundle once: a folder bears the identity of its files, is filled under another name and then
 * renamed, so that one with the right name is whole. Folders of other versions, and of attempts that ended early, go.
 */
final class UnpackedFolder {
    private static final String PREFIX = "www-";
    private static final String UNFINISHED = ".part";

    private final Function<String, @Nullable InputStream> bundle;
    private final Path storage;

    /** Of the bundle is asked by name what it contains; null is what it does not. */
    UnpackedFolder(Function<String, @Nullable InputStream> bundle, Path storage) {
        this.bundle = bundle;
        this.storage = storage;
    }

    /** The folder with all files. Throws when the bundle lacks one or the disk refuses. */
    Path unpack() throws IOException {
        FileList list;
        try (Reader from = new InputStreamReader(open("list"), StandardCharsets.UTF_8)) {
            list = FileList.read(from);
        }
        Path folder = storage.resolve(PREFIX + list.identity());
        if (!list.allIn(folder)) fill(list, folder);
        deleteOthers(folder);
        return folder;
    }

    private void fill(FileList list, Path folder) throws IOException {
        Path part = storage.resolve(folder.getFileName() + UNFINISHED);
        delete(part);
        Set<Path> made = new HashSet<>();
        for (FileList.Entry entry : list.entries()) {
            Path file = part.resolve(entry.name()).normalize();
            if (!file.startsWith(part)) throw new IOException("outside of the folder: " + entry.name());
            if (made.add(file.getParent())) Files.createDirectories(file.getParent());
            try (InputStream from = open(entry.name())) {
                Files.copy(from, file);
            }
        }
        if (!list.allIn(part)) throw new IOException("what the bundle contains is not what its list says");
        delete(folder);
        Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
    }

    private InputStream open(String name) throws IOException {
        InputStream from = bundle.apply("www/" + name);
        if (from == null) throw new FileNotFoundException("not in the bundle: www/" + name);
        return from;
    }

    private void deleteOthers(Path kept) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(storage)) {
            for (Path path : found) {
                if (path.getFileName().toString().startsWith(PREFIX) && !path.equals(kept)) delete(path);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) return;
        List<Path> all;
        try (Stream<Path> found = Files.walk(folder)) {
            all = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) Files.delete(path);
    }
}
