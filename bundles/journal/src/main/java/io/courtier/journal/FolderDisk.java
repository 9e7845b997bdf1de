// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A folder of the file system, locked for this process as long as it is open. */
public final class FolderDisk implements Disk {
    private static final String LOCK = "lock";
    /** The JDK copies what is written and read into memory outside the heap, and keeps that. */
    private static final int PIECE = 1 << 20;

    private final Path folder;
    private final FileChannel lockFile;

    private FolderDisk(Path folder, FileChannel lockFile) {
        this.folder = folder;
        this.lockFile = lockFile;
    }

    /**
     * Opens a folder, and makes it where there is none, for nobody else to read.
     *
     * @throws IOException where another process has it, or it cannot be written to; the message is for people
     */
    public static FolderDisk open(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
            if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            }
            Path parent = folder.toAbsolutePath().getParent();
            if (parent != null) syncNames(parent);
        }
        FileChannel lockFile =
                FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = lockFile.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock != null) return new FolderDisk(folder, lockFile);
        lockFile.close();
        throw new IOException(
                folder + " belongs to another broker that runs: stop it, or give this one another --data");
    }

    /**
     * Copies files of a disk to a folder that is made, and makes sure that they outlive the machine.
     *
     * @param chosen says which, by name
     */
    public static void copy(Disk from, Path folder, Predicate<String> chosen) throws IOException {
        if (Files.exists(folder)) throw new IOException(folder + " is there already: name a folder that is not");
        try (FolderDisk to = open(folder)) {
            ByteBuffer chunk = ByteBuffer.allocate(1 << 20);
            for (String name : from.list()) {
                if (!chosen.test(name)) continue;
                try (OpenFile source = from.open(name);
                        OpenFile copy = to.open(name)) {
                    for (long at = 0; at < source.size(); at += chunk.limit()) {
                        chunk.clear();
                        source.read(at, chunk);
                        chunk.flip();
                        if (!chunk.hasRemaining()) throw new IOException(name + " became shorter");
                        copy.write(at, chunk);
                    }
                    copy.sync();
                }
            }
            to.syncNames();
        }
    }

    @Override
    public List<String> list() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals(LOCK))
                    .collect(Collectors.toList());
        }
    }

    @Override
    public OpenFile open(String name) throws IOException {
        return new ChannelFile(FileChannel.open(
                folder.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(
                folder.resolve(from),
                folder.resolve(to),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(folder.resolve(name));
    }

    @Override
    public void syncNames() throws IOException {
        syncNames(folder);
    }

    private static void syncNames(Path folder) throws IOException {
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    @Override
    public long freeBytes() throws IOException {
        return Files.getFileStore(folder).getUsableSpace();
    }

    @Override
    public String where() {
        return folder.toString();
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }

    private record ChannelFile(FileChannel channel) implements OpenFile {
        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void write(long at, ByteBuffer bytes) throws IOException {
            long next = at;
            int end = bytes.limit();
            while (bytes.position() < end) {
                bytes.limit(Math.min(end, bytes.position() + PIECE));
                next += channel.write(bytes, next);
            }
        }

        @Override
        public void read(long at, ByteBuffer into) throws IOException {
            long next = at;
            int end = into.limit();
            while (into.position() < end) {
                into.limit(Math.min(end, into.position() + PIECE));
                int count = channel.read(into, next);
                if (count < 0) break;
                next += count;
            }
            into.limit(end);
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public void sync() throws IOException {
            channel.force(false);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
