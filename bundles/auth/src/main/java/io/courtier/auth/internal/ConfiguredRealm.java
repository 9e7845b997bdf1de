// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.AppConfigurationEntry.LoginModuleControlFlag;
import org.apache.karaf.jaas.config.JaasRealm;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A JAAS realm of one module for each {@code etc/io.courtier.realm-NAME.cfg}, so that nobody has to write a blueprint. All keys
 * that are not of ours are options of the module.
 */
@Component(configurationPid = ConfiguredRealm.FACTORY_PID, configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ConfiguredRealm.Config.class, factory = true)
public final class ConfiguredRealm implements JaasRealm {
    static final String FACTORY_PID = "io.courtier.realm";

    private static final Logger LOG = LoggerFactory.getLogger(ConfiguredRealm.class);
    private static final Set<String> OURS = Set.of("name", "module", "bundle", "flag");
    private static final List<String> NOT_OPTIONS =
            List.of("service.", "component.", "felix.", "osgi.", "objectClass", ".");

    /** What Karaf's module, which finds the real one in its bundle, is told by. */
    private static final String PROXY = "org.apache.karaf.jaas.boot.ProxyLoginModule";

    private static final String PROXY_MODULE = "org.apache.karaf.jaas.module";
    private static final String PROXY_BUNDLE = "org.apache.karaf.jaas.bundle";

    /** The keys of {@code etc/io.courtier.realm-NAME.cfg} besides the options of the module. */
    @ObjectClassDefinition(name = "Courtier JAAS realm of one module")
    public @interface Config {
        @AttributeDefinition(description = "What the realm is called. Empty: as in the name of the file.")
        String name() default "";

        @AttributeDefinition(description = "The class of the login module.")
        String module() default "io.courtier.auth.internal.LdapLoginModule";

        @AttributeDefinition(description = "The symbolic name of the bundle that has it.")
        String bundle() default "io.courtier.auth";

        @AttributeDefinition(description = "required, requisite, sufficient or optional.")
        String flag() default "required";
    }

    private final BundleContext context;
    private final String name;
    private final String module;
    private final String bundle;
    private final LoginModuleControlFlag flag;
    private final Map<String, Object> options = new HashMap<>();

    @Activate
    public ConfiguredRealm(BundleContext context, Config config, Map<String, Object> properties) {
        this.context = context;
        name = config.name().isBlank() ? nameOfFile(properties) : config.name().strip();
        module = config.module().strip();
        bundle = config.bundle().strip();
        flag = flag(config.flag());
        properties.forEach((key, value) -> {
            if (!OURS.contains(key) && NOT_OPTIONS.stream().noneMatch(key::startsWith)) {
                options.put(key, value.toString());
            }
        });
        LOG.info("realm={} module={}", name, module);
    }

    private static String nameOfFile(Map<String, Object> properties) {
        String pid = String.valueOf(properties.get("service.pid"));
        return pid.substring(pid.lastIndexOf('~') + 1);
    }

    private static LoginModuleControlFlag flag(String word) {
        return switch (word.strip().toLowerCase(Locale.ROOT)) {
            case "required" -> LoginModuleControlFlag.REQUIRED;
            case "requisite" -> LoginModuleControlFlag.REQUISITE;
            case "sufficient" -> LoginModuleControlFlag.SUFFICIENT;
            case "optional" -> LoginModuleControlFlag.OPTIONAL;
            default ->
                throw new IllegalArgumentException("flag=" + word
                        + " is not required, requisite, sufficient or optional: correct it in etc/" + FACTORY_PID
                        + "-NAME.cfg");
        };
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public int getRank() {
        return 0;
    }

    /** Looked up at each login: the bundle of the module may be updated. */
    @Override
    public AppConfigurationEntry[] getEntries() {
        Map<String, Object> all = new HashMap<>(options);
        all.put(PROXY_MODULE, module);
        all.put(PROXY_BUNDLE, Long.toString(idOfBundle()));
        all.put(BundleContext.class.getName(), context);
        return new AppConfigurationEntry[] {new AppConfigurationEntry(PROXY, flag, all)};
    }

    private long idOfBundle() {
        return Arrays.stream(context.getBundles())
                .filter(each -> bundle.equals(each.getSymbolicName()))
                .mapToLong(Bundle::getBundleId)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "there is no bundle " + bundle + ", which has the module of realm " + name));
    }
}
