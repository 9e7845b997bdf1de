// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import io.courtier.conformance.TcpDoor;
import io.courtier.core.Limits;
import io.courtier.core.Stores;
import io.courtier.journal.FolderDisk;
import io.courtier.journal.JournalSettings;
import io.courtier.spi.store.RetainStore;
import io.courtier.spi.store.SessionStore;
import io.courtier.store.retained.internal.JournaledRetained;
import io.courtier.store.sessions.internal.JournaledSessions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The broker that is killed: its stores in a folder, with files so small that they are folded all the time, behind a TCP
 * listener on a free port of loopback. On standard output it says how far it is; when standard input ends, so does it.
 */
final class CrashBroker {
    /** On a disk so slow that the end finds bytes that are not written, and others that are not synced. */
    static final String SLOW = "--slow";
    /** Acknowledges before anything is written, on a disk that is slower still: what the harness must find. */
    static final String ACK_EARLY = "--ack-early";

    // What it says.
    static final String OPENING = "crash: opening";
    static final String FOLDING = "crash: folding";
    static final String PORT = "crash: port ";

    private static final int SEGMENT_BYTES = 32 << 10;
    private static final int FOLD_BYTES = 128 << 10;
    /** It lives for so short a time that it must look early. */
    private static final int LOOK_MILLIS = 300;

    private static final JournalSettings SETTINGS =
            new JournalSettings(SEGMENT_BYTES, 64 << 20, 0, JournalSettings.Sync.COMMIT, 0);
    private static final int SLOW_MILLIS = 5;
    private static final int EARLY_MILLIS = 20;

    private CrashBroker() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        List<String> flags = List.of(arguments);
        boolean early = flags.contains(ACK_EARLY);
        int slowMillis = early ? EARLY_MILLIS : flags.contains(SLOW) ? SLOW_MILLIS : 0;
        say(OPENING);
        SessionStore sessions =
                JournaledSessions.open(disk(folder.resolve("sessions"), slowMillis), SETTINGS, FOLD_BYTES, LOOK_MILLIS);
        if (early) sessions = new EarlyStore(sessions);
        RetainStore retained = JournaledRetained.open(
                disk(folder.resolve("retained"), slowMillis),
                SETTINGS,
                FOLD_BYTES,
                System::currentTimeMillis,
                LOOK_MILLIS);
        TcpDoor door = new TcpDoor(Limits.DEFAULT, Map.of(), new Stores(sessions, retained));
        say(PORT + door.port());
        while (System.in.read() >= 0) {
            // Nothing is said to it.
        }
        // Whoever started it is gone; there is nobody left to be kind to.
        Runtime.getRuntime().halt(1);
    }

    /** Each store has a folder of its own in that of the broker. */
    private static WatchedDisk disk(Path folder, int slowMillis) throws IOException {
        return new WatchedDisk(FolderDisk.open(folder), SyncedMark.of(folder), slowMillis, () -> say(FOLDING));
    }

    @SuppressWarnings("SystemOut") // Who started it reads this.
    private static void say(String what) {
        System.out.println(what);
    }
}
