// SPDX-License-Identifier: Apache-2.0
package io.courtier.management.shell;

import io.courtier.api.Broker;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.spi.store.SessionImage;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.StoreOperations;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.completers.StringsCompleter;
import org.jspecify.annotations.Nullable;

@Service
@Command(
        scope = "courtier",
        name = "store",
        description =
                "Looks after what outlives the broker, while it runs: sessions with the messages that wait for them, and"
                        + " retained messages.")
public final class StoreCommand implements Action {
    @Reference
    private @Nullable List<StoreOperations> stores;

    @Reference(optional = true)
    private @Nullable Broker broker;

    @Argument(
            name = "action",
            required = true,
            description =
                    "list; verify: reads every record; compact: gives disk space back; backup FOLDER: a copy that can be"
                            + " put in place of store/; export FILE: JSON lines; import FILE: adds what is not there")
    @Completion(
            value = StringsCompleter.class,
            values = {"list", "verify", "compact", "backup", "export", "import"})
    private String action = "";

    @Argument(index = 1, name = "file", description = "of backup, export and import")
    private @Nullable String file;

    @Override
    public @Nullable Object execute() throws Exception {
        List<StoreOperations> all = stores == null ? List.of() : stores;
        if (all.isEmpty()) throw new IllegalStateException("there is no store: nothing outlives this broker");
        switch (action) {
            case "list" ->
                all.forEach(store ->
                        System.out.println(store.name() + ": " + store.bytes() + " bytes in " + store.where()));
            case "verify" -> verify(all);
            case "compact" -> compact(all);
            case "backup" -> backup(all, path());
            case "export" -> System.out.println(export(all, path()) + " records in " + path());
            case "import" -> System.out.println(importFrom(path()));
            default ->
                throw new IllegalArgumentException("list, verify, compact, backup, export or import, not " + action);
        }
        return null;
    }

    private Path path() {
        if (file == null) throw new IllegalArgumentException(action + " needs a file or folder");
        return Path.of(file);
    }

    private static void verify(List<StoreOperations> all) throws IOException {
        boolean well = true;
        for (StoreOperations store : all) {
            List<String> wrong = store.verify();
            for (String each : wrong) System.out.println(store.name() + ": " + each);
            if (wrong.isEmpty()) System.out.println(store.name() + ": all is well");
            else well = false;
        }
        if (!well) throw new IllegalStateException("what could be read is served; the log says what was not");
    }

    private static void compact(List<StoreOperations> all) throws IOException {
        for (StoreOperations store : all) {
            long before = store.bytes();
            store.compact();
            System.out.println(store.name() + ": " + before + " bytes before, " + store.bytes() + " now");
        }
    }

    private static void backup(List<StoreOperations> all, Path folder) throws IOException {
        for (StoreOperations store : all) {
            store.backup(folder.resolve(store.name()));
            System.out.println(store.name() + ": copied to " + folder.resolve(store.name()));
        }
    }

    /** Gives the number of lines. The file is there as a whole, or not at all, for nobody else to read. */
    static long export(List<StoreOperations> all, Path file) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(unfinished);
        boolean posix = Files.getFileStore(file.toAbsolutePath().getParent()).supportsFileAttributeView("posix");
        if (posix) {
            Files.createFile(
                    unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        long count;
        try (Writer to = Files.newBufferedWriter(unfinished)) {
            StoreLines lines = new StoreLines(to);
            for (StoreOperations store : all) store.export(lines);
            count = lines.lines();
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return count;
    }

    private String importFrom(Path from) throws IOException, InterruptedException {
        Broker running = broker;
        if (running == null) throw new IllegalStateException("there is no broker");
        SessionImage image = new SessionImage();
        Map<Long, ApplicationMessage> messages = new HashMap<>();
        List<ApplicationMessage> retained = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(from)) {
            StoreLines.read(lines, new StoreOperations.Exported() {
                @Override
                public void session(long position, SessionRecord record) {
                    if (record instanceof SessionRecord.Stored stored) messages.put(position, stored.message());
                    else image.record(position, record);
                }

                @Override
                public void retained(ApplicationMessage message) {
                    retained.add(message);
                }
            });
        }
        // Retained first: whoever subscribed to them has them already.
        for (ApplicationMessage message : retained) running.publish(message);
        int made = 0;
        for (SessionImage.Kept kept : image.sessions()) {
            if (Answer.<Boolean>to(answer -> running.adopt(kept, messages, answer))
                    .orElse(false)) made++;
        }
        return made + " sessions and " + retained.size() + " retained messages were added; "
                + (image.sessions().size() - made) + " sessions are here already and stay as they are";
    }
}
