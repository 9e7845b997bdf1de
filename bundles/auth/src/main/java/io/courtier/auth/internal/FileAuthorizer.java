// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.spi.auth.Authorizer;
import java.util.Dictionary;
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
 * above -1000 come before it.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = FileAuthorizer.PID)
@Designate(ocd = FileAuthorizer.Config.class)
public final class FileAuthorizer {
    static final String PID = "io.courtier.auth.acl";

    private static final Logger LOG = LoggerFactory.getLogger(FileAuthorizer.class);
    private static final int RANKING = -1_000;

    /** The keys of {@code etc/io.courtier.auth.acl.cfg}. */
    @ObjectClassDefinition(name = "Courtier access list")
    public @interface Config {
        @AttributeDefinition(description = "The file; in etc/ where it is relative. Empty: courtier-acl.")
        String file() default "";
    }

    private final BundleContext context;
    private AccessFile file;
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
        file.close();
        file = open(config);
        file.start();
    }

    @Deactivate
    void deactivate() {
        file.close();
        replace(null);
    }

    private AccessFile open(Config config) {
        return new AccessFile(EtcFile.of(config.file(), "courtier-acl"), this::replace);
    }

    /** Never without an authorizer in between; of two with the same ranking the broker takes the older. */
    private synchronized void replace(@Nullable AccessList list) {
        ServiceRegistration<Authorizer> before = registration;
        Dictionary<String, Object> properties = FrameworkUtil.asDictionary(Map.of(Constants.SERVICE_RANKING, RANKING));
        registration = list == null ? null : context.registerService(Authorizer.class, list, properties);
        if (before != null) before.unregister();
    }

    private static void sayUnknownKeys(Map<String, Object> properties) {
        List<String> unknown = EtcFile.unknownKeys(Config.class, properties.keySet());
        if (!unknown.isEmpty()) LOG.warn("unknown keys in etc/{}.cfg: {}", PID, String.join(", ", unknown));
    }
}
