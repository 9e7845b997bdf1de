// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns of {@code etc/io.courtier.*.cfg} that have passwords and that everybody on this machine may read: realms, listeners,
 * probes. One look every ten seconds; a file is named once, and again when it was mended in between.
 */
@Component(immediate = true, service = LooseSettings.class)
@SuppressWarnings("FutureReturnValueIgnored") // The timer's task catches what it throws.
public final class LooseSettings {
    private static final Logger LOG = LoggerFactory.getLogger(LooseSettings.class);
    private static final long LOOK_SECONDS = 10;
    /** A larger one is none of ours. */
    private static final long BYTES_MAX = 1 << 20;

    private static final Pattern PASSWORD =
            Pattern.compile("(?mi)^[ \\t]*[^#!\\s][^=:\\s]*password[ \\t]*[=:][ \\t]*\\S");

    private final Path etc;
    private final Set<Path> named = new HashSet<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "courtier-loose-settings");
        thread.setDaemon(true);
        return thread;
    });

    @Activate
    public LooseSettings() {
        this(EtcFile.of("", ""));
        timer.scheduleWithFixedDelay(this::lookAgain, 0, LOOK_SECONDS, TimeUnit.SECONDS);
    }

    /** Looks when it is told to. */
    LooseSettings(Path etc) {
        this.etc = etc;
    }

    @Deactivate
    void deactivate() {
        timer.shutdownNow();
    }

    private void lookAgain() {
        try {
            look();
        } catch (IOException | RuntimeException e) {
            LOG.error("folder={} cannot be looked at: {}", etc, e.toString());
        }
    }

    void look() throws IOException {
        Set<Path> loose = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(etc, "io.courtier.*.cfg")) {
            for (Path file : files) {
                if (Others.of(file).mayRead() && hasPassword(file)) loose.add(file);
            }
        }
        named.retainAll(loose);
        for (Path file : loose) {
            if (named.add(file)) Others.sayIfTheyMayRead(file, LOG);
        }
    }

    private static boolean hasPassword(Path file) throws IOException {
        return Files.size(file) <= BYTES_MAX
                && PASSWORD.matcher(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .find();
    }
}
