// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener.tls;

import io.courtier.listener.CannotOpen;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The files of one TLS listener as they were at one moment; empty where the configuration names none. */
record TlsFiles(byte[] certificate, byte[] key, byte[] keystore, byte[] trust, SortedMap<String, byte[]> revocation) {
    /** A bundle of all public authorities has a fifth of this. */
    private static final long FILE_BYTES_MAX = 1024 * 1024;
    /** About 400,000 revoked certificates. They are compared every two seconds. */
    private static final long REVOCATION_BYTES_MAX = 16 * 1024 * 1024;

    static TlsFiles read(TlsSettings settings) throws CannotOpen {
        return new TlsFiles(
                read(settings, "tls.certificate", settings.certificate()),
                readOwn(settings, "tls.key", settings.key()),
                readOwn(settings, "tls.keystore", settings.keystore()),
                read(settings, "tls.trust", settings.trust()),
                revocation(settings));
    }

    /** Contents, not times: a link that now leads elsewhere changes nothing else. */
    boolean sameAs(TlsFiles other) {
        return Arrays.equals(certificate, other.certificate)
                && Arrays.equals(key, other.key)
                && Arrays.equals(keystore, other.keystore)
                && Arrays.equals(trust, other.trust)
                && revocation.keySet().equals(other.revocation.keySet())
                && revocation.entrySet().stream()
                        .allMatch(file -> Arrays.equals(file.getValue(), other.revocation.get(file.getKey())));
    }

    /** The one file, or those of a folder that are not hidden. */
    private static SortedMap<String, byte[]> revocation(TlsSettings settings) throws CannotOpen {
        SortedMap<String, byte[]> files = new TreeMap<>();
        String name = settings.revocation().lists();
        if (name.isEmpty()) {
            return files;
        }
        String where = "tls.crl=" + name;
        try {
            Path path = Path.of(name);
            List<Path> paths = List.of(path);
            if (Files.isDirectory(path)) {
                try (Stream<Path> entries = Files.list(path)) {
                    paths = entries.filter(entry ->
                                    !entry.getFileName().toString().startsWith(".") && Files.isRegularFile(entry))
                            .toList();
                }
            }
            long bytes = 0;
            for (Path file : paths) {
                bytes += Files.size(file);
                if (bytes > REVOCATION_BYTES_MAX) {
                    throw CannotOpen.now(where + " is larger than 16 MiB: name another one in " + settings.file());
                }
                files.put(file.toString(), Files.readAllBytes(file));
            }
            return files;
        } catch (NoSuchFileException missing) {
            throw CannotOpen.now(
                    where + " does not exist: put the CRLs there or name another place in " + settings.file());
        } catch (IOException | UncheckedIOException | InvalidPathException unreadable) {
            throw CannotOpen.now(where + " cannot be read (" + unreadable + "): let the broker's user read it");
        }
    }

    /** A file with a private key, which is not believed where everybody could put another there. */
    private static byte[] readOwn(TlsSettings settings, String what, String name) throws CannotOpen {
        byte[] content = read(settings, what, name);
        if (!name.isEmpty() && Others.of(Path.of(name)).mayWrite()) {
            throw CannotOpen.now(what + "=" + name + " may be written by everybody on this machine: chmod 600 " + name);
        }
        return content;
    }

    private static byte[] read(TlsSettings settings, String what, String name) throws CannotOpen {
        if (name.isEmpty()) {
            return new byte[0];
        }
        String where = what + "=" + name;
        try {
            Path path = Path.of(name);
            if (Files.size(path) > FILE_BYTES_MAX) {
                throw CannotOpen.now(where + " is larger than 1 MiB: name another file in " + settings.file());
            }
            return Files.readAllBytes(path);
        } catch (NoSuchFileException missing) {
            throw CannotOpen.now(where + " does not exist: put it there or name another file in " + settings.file());
        } catch (IOException | InvalidPathException unreadable) {
            throw CannotOpen.now(where + " cannot be read (" + unreadable + "): let the broker's user read it");
        }
    }
}
