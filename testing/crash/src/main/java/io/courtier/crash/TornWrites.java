// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Does to the files of a killed broker what a power cut might have done: of what was never synced, the last page of the
 * journal, 4 KiB at most, is cut, or filled with zeros or garbage from some byte on, and a file of which nothing was synced
 * may be gone; a snapshot that was not finished is torn anywhere. What was synced stays as it is.
 */
final class TornWrites {
    private static final int PAGE = 4_096;
    private static final Pattern JOURNAL = Pattern.compile("journal-[0-9a-f]{16}");

    private TornWrites() {}

    /** Tears in the folder of one store; gives what was done, for people. */
    static String tear(Path folder, Random random) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.collect(Collectors.toList());
        }
        StringBuilder done = new StringBuilder();
        for (Path file : files) {
            if (file.toString().endsWith(".new")) done.append(tear(file, 0, random));
        }
        Optional<Path> last = files.stream()
                .filter(file -> JOURNAL.matcher(file.getFileName().toString()).matches())
                .max(Comparator.naturalOrder());
        if (last.isPresent()) {
            String name = last.get().getFileName().toString();
            long base = Long.parseUnsignedLong(name.substring("journal-".length()), 16);
            long size = Files.size(last.get());
            long synced = Math.max(0, SyncedMark.read(folder) - base);
            if (synced == 0 && random.nextInt(3) == 0) {
                Files.delete(last.get());
                done.append(name).append(": gone");
            } else {
                done.append(tear(last.get(), Math.max(synced, size - PAGE), random));
            }
        }
        return done.toString();
    }

    /** Damages a file somewhere from a byte on; bytes before it stay. */
    private static String tear(Path file, long from, Random random) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            long size = open.length();
            if (from > size) return "";
            long at = from + (long) (random.nextDouble() * (size - from + 1));
            // Behind the end, too: a file may have grown before what it grew by was written.
            byte[] filling = new byte[(int) Math.min(PAGE, size - at + random.nextInt(512))];
            String how;
            switch (random.nextInt(3)) {
                case 0 -> {
                    open.setLength(at);
                    how = "cut";
                }
                case 1 -> {
                    open.setLength(at);
                    open.seek(at);
                    open.write(filling);
                    how = "zeros";
                }
                default -> {
                    random.nextBytes(filling);
                    open.setLength(at);
                    open.seek(at);
                    open.write(filling);
                    how = "garbage";
                }
            }
            return file.getFileName() + " of " + size + " bytes: " + how + " from " + at + "; ";
        }
    }
}
