// SPDX-License-Identifier: Apache-2.0
package io.courtier.webclient.internal;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the build put into this bundle: a line that identifies all of it, then size and name of each file. PackWebFiles
 * writes it.
 */
record FileList(String identity, List<Entry> entries) {
    /** A file, named relative to the folder of all. */
    record Entry(long bytes, String name) {}

    FileList {
        if (identity.isEmpty() || identity.contains("/")) throw new IllegalArgumentException("identity " + identity);
        entries = List.copyOf(entries);
    }

    static FileList read(Reader from) throws IOException {
        BufferedReader lines = new BufferedReader(from);
        String identity = lines.readLine();
        if (identity == null) throw new IOException("the list of files is empty");
        List<Entry> entries = new ArrayList<>();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            int space = line.indexOf(' ');
            entries.add(new Entry(Long.parseLong(line.substring(0, space)), line.substring(space + 1)));
        }
        return new FileList(identity, entries);
    }

    /** Whether all of them are there, in full: after a power failure a file may be there and empty. */
    boolean allIn(Path folder) {
        File root = folder.toFile();
        for (Entry entry : entries) {
            // Of a file that is not there it is 0, which no file of ours is long.
            if (new File(root, entry.name()).length() != entry.bytes()) return false;
        }
        return true;
    }
}
