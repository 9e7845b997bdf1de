// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.access.AccessList;
import io.courtier.access.BrokenRule;
import io.courtier.api.AccessControl;
import io.courtier.api.AccessRules;
import io.courtier.api.AccessTrial;
import io.courtier.spi.auth.Authorizer;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides by the rules of a file who may publish and subscribe to what. Each new list of rules is a service of its own: it
 * is registered, then the one before goes, and so the broker asks anew for every living session. Others with a ranking
 * above -1000 come before it. Rules that are tried stand in for those that count, as long as the trial runs.
 */
@Component(service = AccessControl.class, immediate = true, configurationPid = FileAuthorizer.PID)
@Designate(ocd = FileAuthorizer.Config.class)
public final class FileAuthorizer implements AccessControl {
    static final String PID = "io.courtier.auth.acl";

    private static final Logger LOG = LoggerFactory.getLogger(FileAuthorizer.class);
    /**
     * Rules and trials are of two classes, but one guard to the broker: else it would keep what was decided by the one that
     * went, and new clients waiting, as long as it expects that back.
     */
    private static final Map<String, Object> PROPERTIES =
            Map.of(Constants.SERVICE_RANKING, -1_000, "component.name", FileAuthorizer.class.getName());

    /** The keys of {@code etc/io.courtier.auth.acl.cfg}. */
    @ObjectClassDefinition(name = "Courtier access list")
    public @interface Config {
        @AttributeDefinition(description = "The file; in etc/ where it is relative. Empty: courtier-acl.")
        String file() default "";
    }

    private final BundleContext context;
    /** Held by one command at a time, and by who gives them another file. Before the monitor of this. */
    private final Object commands = new Object();

    private AccessFile file;
    private @Nullable AccessList rules;
    private @Nullable Trial trial;
    private @Nullable ServiceRegistration<Authorizer> registration;

    @Activate
    public FileAuthorizer(BundleContext context, Config config, Map<String, Object> properties) {
        this.context = context;
        sayUnknownKeys(properties);
        file = open(config);
        file.start();
    }

    @Modified
    void modified(Config config, Map<String, Object> properties) {
        sayUnknownKeys(properties);
        synchronized (commands) {
            file.close();
            file = open(config);
            file.start();
        }
    }

    @Deactivate
    void deactivate() {
        synchronized (commands) {
            file.close();
            leave();
        }
    }

    @Override
    public AccessTrial tryOut(String name) {
        if (name.isBlank()) throw new IllegalArgumentException("a file is missing");
        Path path = EtcFile.of(name, "");
        synchronized (commands) {
            AccessText candidate;
            try {
                candidate = AccessText.read(path);
            } catch (NoSuchFileException missing) {
                throw new IllegalArgumentException(path + " is missing", missing);
            } catch (BrokenRule broken) {
                throw new IllegalArgumentException(path + " " + broken.getMessage(), broken);
            } catch (IOException unreadable) {
                throw new IllegalArgumentException(path + " cannot be read: " + unreadable, unreadable);
            }
            Trial begun = begin(path, candidate);
            LOG.info("file={} rules={} tried", path, candidate.list().size());
            return begun.report();
        }
    }

    @Override
    public synchronized @Nullable AccessTrial trial() {
        return trial == null ? null : trial.report();
    }

    @Override
    public @Nullable AccessTrial stop() {
        synchronized (commands) {
            AccessTrial ended = end();
            if (ended != null) {
                LOG.info(
                        "file={} tried no more, asked={} different={}", ended.file(), ended.asked(), ended.different());
            }
            return ended;
        }
    }

    @Override
    public AccessRules commit() {
        synchronized (commands) {
            Trial tried = running();
            if (tried == null) throw new IllegalStateException("no rules are tried, so there is nothing to commit");
            try {
                boolean kept = file.commit(tried.candidate());
                return written(kept);
            } catch (AccessFile.Refused | IOException failed) {
                throw notWritten(failed);
            }
        }
    }

    @Override
    public AccessRules rollback() {
        synchronized (commands) {
            if (counting() == null) throw closed();
            try {
                boolean kept = file.rollback();
                return written(kept);
            } catch (BrokenRule broken) {
                throw new IllegalArgumentException(file.before() + " " + broken.getMessage(), broken);
            } catch (AccessFile.Refused | IOException failed) {
                throw notWritten(failed);
            }
        }
    }

    private AccessRules written(boolean kept) {
        AccessList now = counting();
        LOG.info("file={} written by a command, before={}", file.path(), kept ? file.before() : "none");
        return new AccessRules(
                file.path().toString(),
                now == null ? 0 : now.size(),
                kept ? file.before().toString() : null);
    }

    /** Why a command did not do what it should. */
    private IllegalStateException notWritten(Exception failed) {
        return failed instanceof AccessFile.Refused
                ? new IllegalStateException(failed.getMessage(), failed)
                : new IllegalStateException(file.path() + " cannot be written: " + failed, failed);
    }

    private AccessFile open(Config config) {
        return new AccessFile(EtcFile.of(config.file(), "courtier-acl"), this::replace);
    }

    /** Other rules count. A trial of just these is over; of others it begins anew. */
    private synchronized void replace(AccessList list) {
        rules = list;
        Trial running = trial;
        if (running != null) {
            boolean same = list.isSameAs(running.candidate().list());
            trial = same ? null : running.beside(list, System.currentTimeMillis());
        }
        register(trial == null ? list : trial);
    }

    private synchronized Trial begin(Path path, AccessText candidate) {
        if (rules == null) throw closed();
        Trial begun = new Trial(rules, path, candidate, System.currentTimeMillis());
        trial = begun;
        register(begun);
        return begun;
    }

    private synchronized @Nullable Trial running() {
        return trial;
    }

    private synchronized @Nullable AccessList counting() {
        return rules;
    }

    private synchronized @Nullable AccessTrial end() {
        Trial ended = trial;
        trial = null;
        if (ended == null) return null;
        if (rules != null) register(rules);
        return ended.report();
    }

    private static IllegalStateException closed() {
        return new IllegalStateException("the access list is being closed");
    }

    private synchronized void leave() {
        trial = null;
        rules = null;
        register(null);
    }

    /** Never without an authorizer in between; of two with the same ranking the broker takes the older. */
    private synchronized void register(@Nullable Authorizer next) {
        ServiceRegistration<Authorizer> before = registration;
        registration = next == null
                ? null
                : context.registerService(Authorizer.class, next, FrameworkUtil.asDictionary(PROPERTIES));
        if (before != null) before.unregister();
    }

    private static void sayUnknownKeys(Map<String, Object> properties) {
        List<String> unknown = EtcFile.unknownKeys(Config.class, properties.keySet());
        if (!unknown.isEmpty()) LOG.warn("unknown keys in etc/{}.cfg: {}", PID, String.join(", ", unknown));
    }
}
