// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** The one folder of a store: everything that can fail for reasons of its own. Safe from any thread. */
public interface Disk extends Closeable {
    /** The names of all files, in any order. */
    List<String> list() throws IOException;

    /** Opens a file for reading and writing; makes an empty one where there is none. */
    OpenFile open(String name) throws IOException;

    /** Gives a file another name, in place of what had it, at once or not at all. */
    void rename(String from, String to) throws IOException;

    /** Deletes a file; one that is not there is no mistake. */
    void delete(String name) throws IOException;

    /** Makes sure that names that were made, changed and deleted outlive the machine. */
    void syncNames() throws IOException;

    /** Bytes that may still be written. */
    long freeBytes() throws IOException;

    /** Where it is, for people. */
    String where();

    /** An open file. Writes come from one thread at a time, reads from any. */
    interface OpenFile extends Closeable {
        long size() throws IOException;

        /** Writes all of it at a position. */
        void write(long at, ByteBuffer bytes) throws IOException;

        /** Fills the buffer from a position on, as far as the file goes. */
        void read(long at, ByteBuffer into) throws IOException;

        void truncate(long size) throws IOException;

        /** Makes sure that what was written outlives the machine. */
        void sync() throws IOException;
    }
}
