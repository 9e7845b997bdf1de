// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.EnhancedAuthenticator;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.osgi.framework.BundleContext;
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
 * Lets clients in that prove by AUTH that they know a password, which is never sent: one service for each SCRAM mechanism,
 * over the users of one file. Called on event loops.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = ScramAuthenticator.PID)
@Designate(ocd = ScramAuthenticator.Config.class)
public final class ScramAuthenticator {
    static final String PID = "io.courtier.auth.scram";

    private static final Logger LOG = LoggerFactory.getLogger(ScramAuthenticator.class);
    private static final int NONCE_BYTES = 18;

    /** The keys of {@code etc/io.courtier.auth.scram.cfg}. */
    @ObjectClassDefinition(name = "Courtier SCRAM")
    public @interface Config {
        @AttributeDefinition(description = "The file; in etc/ where it is relative. Empty: courtier-scram.")
        String file() default "";

        @AttributeDefinition(description = "The listeners whose clients may come so, with commas. Empty: all.")
        String listeners() default "";
    }

    private record Door(Set<String> listeners, ScramFile file) {
        static Door open(Config config) {
            Door door =
                    new Door(Words.of(config.listeners()), new ScramFile(EtcFile.of(config.file(), "courtier-scram")));
            door.file().start();
            return door;
        }

        boolean isFor(AuthenticationRequest request) {
            return listeners.isEmpty()
                    || listeners.contains(request.connection().listener());
        }
    }

    private final SecureRandom random = new SecureRandom();
    private final List<ServiceRegistration<EnhancedAuthenticator>> registrations = new ArrayList<>();
    private volatile Door door;

    @Activate
    public ScramAuthenticator(BundleContext context, Config config, Map<String, Object> properties) {
        sayUnknownKeys(properties);
        door = Door.open(config);
        for (ScramMechanism each : ScramMechanism.values()) {
            // By its name the broker knows what an update of this bundle puts in its place.
            registrations.add(context.registerService(
                    EnhancedAuthenticator.class,
                    new Mechanism(each),
                    FrameworkUtil.asDictionary(Map.of("component.name", each.text))));
        }
    }

    @Modified
    void modified(Config config, Map<String, Object> properties) {
        sayUnknownKeys(properties);
        Door old = door;
        door = Door.open(config);
        old.file().close();
    }

    @Deactivate
    void deactivate() {
        for (ServiceRegistration<EnhancedAuthenticator> each : registrations) each.unregister();
        door.file().close();
    }

    private final class Mechanism implements EnhancedAuthenticator {
        private final ScramMechanism mechanism;

        Mechanism(ScramMechanism mechanism) {
            this.mechanism = mechanism;
        }

        @Override
        public String method() {
            return mechanism.text;
        }

        @Override
        public Exchange begin(AuthenticationRequest request) {
            Door open = door;
            if (!open.isFor(request)) {
                return (data, answer) -> answer.accept(new Answer.Failure(
                        ReasonCode.BAD_AUTHENTICATION_METHOD, "etc/" + PID + ".cfg does not name its listener"));
            }
            byte[] nonce = new byte[NONCE_BYTES];
            random.nextBytes(nonce);
            return new ScramExchange(
                    mechanism, open.file().users(), request, Base64.getEncoder().encodeToString(nonce));
        }
    }

    private static void sayUnknownKeys(Map<String, Object> properties) {
        List<String> unknown = EtcFile.unknownKeys(Config.class, properties.keySet());
        if (!unknown.isEmpty()) LOG.warn("unknown keys in etc/{}.cfg: {}", PID, String.join(", ", unknown));
    }
}
