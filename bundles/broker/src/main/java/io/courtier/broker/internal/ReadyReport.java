// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import static java.util.stream.Collectors.joining;

import io.courtier.spi.transport.Listener;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.util.tracker.ServiceTracker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whoever started the broker that it is ready, once: when each configured listener has opened or failed. In a
 * process of our launcher ({@code courtier.foreground}) it prints a block on the console, and a listener that failed
 * ends the process with status 1 and its sentence. In a Karaf of somebody else it only logs a line.
 *
 * <p>It looks rather than listens, on a thread of its own that ends with the report: a listener's state changes
 * without an event, and the framework must not be held up.
 */
@Component(
        immediate = true,
        service = {})
public final class ReadyReport {
    static final String LISTENER_PID = "io.courtier.listener.";

    private static final Logger log = LoggerFactory.getLogger(ReadyReport.class);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long LOOK_EVERY_MILLIS = 20;

    private final BundleContext context;
    private final ConfigurationAdmin configurations;
    private final ServiceTracker<Listener, Listener> listeners;
    private final Thread watch = new Thread(this::watch, "courtier-ready");

    /** Whether the framework has come to its start level. Set by the framework's thread, read by ours. */
    private volatile boolean started;

    /** What is known of one listener: its URL and page once it is open, otherwise what went wrong. */
    record Outcome(String url, @Nullable String problem, @Nullable String page) {
        Outcome(String url, @Nullable String problem) {
            this(url, problem, null);
        }
    }

    @Activate
    public ReadyReport(BundleContext context, @Reference ConfigurationAdmin configurations) {
        this.context = context;
        this.configurations = configurations;
        listeners = new ServiceTracker<>(context, Listener.class, null);
        // An update of this bundle in a running broker is no start: nobody waits for a report then.
        if (frameworkLevel() > bundleLevel()) return;
        listeners.open();
        context.addFrameworkListener(this::heard);
        watch.setDaemon(true);
        watch.start();
    }

    private void heard(FrameworkEvent event) {
        if (event.getType() == FrameworkEvent.STARTLEVEL_CHANGED) started = true;
    }

    @Deactivate
    public void deactivate() {
        watch.interrupt();
        listeners.close();
    }

    private void watch() {
        long deadlineNanos = System.nanoTime() + PATIENCE_NANOS;
        try {
            while (true) {
                boolean late = System.nanoTime() - deadlineNanos >= 0;
                if (started || late) {
                    Map<String, Outcome> outcomes =
                            outcomes(configured(), listeners.getServices(new Listener[0]), late);
                    if (outcomes != null) {
                        report(outcomes);
                        return;
                    }
                }
                Thread.sleep(LOOK_EVERY_MILLIS);
            }
        } catch (InterruptedException | IllegalStateException stopped) {
            // The bundle is being stopped: nobody is left to read a report.
            return;
        } catch (IOException | InvalidSyntaxException unreadable) {
            log.error("cannot tell whether the listeners are open", unreadable);
        }
    }

    private int frameworkLevel() {
        return Objects.requireNonNull(
                        context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkStartLevel.class))
                .getStartLevel();
    }

    private int bundleLevel() {
        return Objects.requireNonNull(context.getBundle().adapt(BundleStartLevel.class))
                .getStartLevel();
    }

    /** The names of the listeners that should be: files in etc, read already or not, and configurations without a file. */
    private Set<String> configured() throws IOException, InvalidSyntaxException {
        Set<String> names = new TreeSet<>();
        Configuration[] known = configurations.listConfigurations("(service.factoryPid=" + LISTENER_PID + "*)");
        for (Configuration each : known == null ? new Configuration[0] : known) {
            names.add(each.getPid().substring(LISTENER_PID.length()).replace('~', '-'));
        }
        String etc = context.getProperty("karaf.etc");
        if (etc != null) names.addAll(filesOfListeners(Path.of(etc)));
        return names;
    }

    static Set<String> filesOfListeners(Path etc) throws IOException {
        Set<String> names = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(etc, LISTENER_PID + "*-*.cfg")) {
            for (Path each : files) {
                String file = each.getFileName().toString();
                names.add(file.substring(LISTENER_PID.length(), file.length() - ".cfg".length()));
            }
        } catch (NoSuchFileException | NotDirectoryException absent) {
            return names;
        }
        return names;
    }

    /** What became of each listener, by name; null while one of them may still open. Late: no longer waits for any. */
    static @Nullable Map<String, Outcome> outcomes(Set<String> configured, Listener[] present, boolean late) {
        Map<String, Outcome> outcomes = new TreeMap<>();
        for (Listener each : present) {
            switch (each.state()) {
                case OPEN -> outcomes.put(each.name(), new Outcome(each.url(), null, each.page()));
                case FAILED ->
                    outcomes.put(
                            each.name(),
                            new Outcome(each.url(), Objects.requireNonNullElse(each.problem(), "could not be opened")));
                case OPENING -> {
                    if (late) outcomes.put(each.name(), new Outcome(each.url(), "is still opening"));
                }
                case DRAINING, CLOSED -> {}
            }
        }
        if (outcomes.keySet().containsAll(configured)) return outcomes;
        if (!late) return null;
        for (String name : configured) {
            outcomes.putIfAbsent(
                    name, new Outcome("", "did not start: is the bundle of its transport there? The log says more"));
        }
        return outcomes;
    }

    private void report(Map<String, Outcome> outcomes) throws IOException {
        List<String> problems = outcomes.entrySet().stream()
                .filter(each -> each.getValue().problem() != null)
                .map(each ->
                        "listener " + each.getKey() + ": " + each.getValue().problem())
                .toList();
        log.info(
                "ready version={} listeners={}",
                version(),
                outcomes.values().stream()
                        .filter(each -> each.problem() == null)
                        .map(Outcome::url)
                        .collect(joining(",")));
        if (!Boolean.parseBoolean(context.getProperty("courtier.foreground"))) {
            problems.forEach(log::error);
            return;
        }
        if (!problems.isEmpty()) {
            problems.forEach(each -> System.err.println("courtier: " + each));
            System.err.flush();
            // What is said while all bundles stop has no log any more, and would follow on the console.
            System.setOut(new PrintStream(OutputStream.nullOutputStream()));
            System.exit(1);
        }
        String block = block(
                version(),
                outcomes,
                property("karaf.etc"),
                property("karaf.data"),
                property("karaf.log"),
                property("courtier.stop.hint"));
        System.out.print(block);
        System.out.flush();
        String file = context.getProperty("courtier.ready.file");
        if (file != null) leave(block, Path.of(file));
    }

    private String version() {
        return context.getBundle().getVersion().toString().replace(".SNAPSHOT", "-SNAPSHOT");
    }

    private @Nullable String property(String name) {
        return context.getProperty(name);
    }

    static String block(
            String version,
            Map<String, Outcome> outcomes,
            @Nullable String etc,
            @Nullable String data,
            @Nullable String logs,
            @Nullable String stop) {
        StringBuilder text = new StringBuilder("Courtier " + version + " is ready.\n");
        outcomes.forEach((name, outcome) -> line(text, name, outcome.url()));
        outcomes.values().forEach(outcome -> line(text, "page", outcome.page()));
        if (outcomes.isEmpty()) line(text, "listeners", "none: add etc/" + LISTENER_PID + "tcp-default.cfg");
        line(text, "settings", etc);
        line(text, "data", data);
        line(text, "logs", logs);
        line(text, "stop", stop);
        return text.toString();
    }

    private static void line(StringBuilder text, String name, @Nullable String value) {
        if (value != null) text.append(String.format("  %-14s %s%n", name, value));
    }

    /** For the launcher, which waits for this file: it is there whole or not at all. */
    private static void leave(String block, Path file) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".draft");
        Files.writeString(draft, block);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
