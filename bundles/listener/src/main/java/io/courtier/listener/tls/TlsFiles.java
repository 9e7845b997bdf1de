// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener.tls;

import io.courtier.listener.CannotOpen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/** The files of one TLS listener as they were at one moment; empty where the configuration names none. */
record TlsFiles(byte[] certificate, byte[] key, byte[] keystore, byte[] trust) {
    /** A bundle of all public authorities has a fifth of this. */
    private static final long FILE_BYTES_MAX = 1024 * 1024;

    static TlsFiles read(TlsSettings settings) throws CannotOpen {
        return new TlsFiles(
                read(settings, "tls.certificate", settings.certificate()),
                read(settings, "tls.key", settings.key()),
                read(settings, "tls.keystore", settings.keystore()),
                read(settings, "tls.trust", settings.trust()));
    }

    /** Contents, not times: a link that now leads elsewhere changes nothing else. */
    boolean sameAs(TlsFiles other) {
        return Arrays.equals(certificate, other.certificate)
                && Arrays.equals(key, other.key)
                && Arrays.equals(keystore, other.keystore)
                && Arrays.equals(trust, other.trust);
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
