// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import java.util.Objects;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.service.component.ComponentConstants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;

/**
 * Opens Karaf's shell while {@code etc/io.courtier.shell.cfg} is there. In our distribution the shell's bundles lie at a
 * start level above the broker's, where they cost nothing; this raises the framework to it and back.
 */
@Component(
        immediate = true,
        service = {},
        configurationPid = "io.courtier.shell",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ShellSwitch {
    private static final int SHELL_LEVEL = 110;
    private static final int BROKER_LEVEL = 100;

    private final BundleContext context;

    public @interface Config {
        boolean open() default true;
    }

    @Activate
    public ShellSwitch(BundleContext context, Config config) {
        this.context = context;
        if (config.open()) framework().setStartLevel(SHELL_LEVEL);
    }

    /** Closes the shell only when its configuration has gone: an update of this bundle may have been typed there. */
    @Deactivate
    public void deactivate(int reason) {
        if (reason == ComponentConstants.DEACTIVATION_REASON_CONFIGURATION_DELETED)
            framework().setStartLevel(BROKER_LEVEL);
    }

    private FrameworkStartLevel framework() {
        return Objects.requireNonNull(
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkStartLevel.class));
    }
}
