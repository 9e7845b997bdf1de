// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.auth.Principal;
import io.courtier.spi.transport.ConnectionInfo;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets clients in by a user name alone, on some transports and from some addresses, whatever their listener says of
 * anonymous clients. For examples that bring no password. It says so loudly, and abstains from everybody else, so that
 * somebody with the same name and a password is checked as ever. Called on event loops.
 */
@Component(
        immediate = true,
        configurationPid = PasswordlessAuthenticator.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "service.ranking:Integer=-900")
@Designate(ocd = PasswordlessAuthenticator.Config.class)
public final class PasswordlessAuthenticator implements Authenticator {
    static final String PID = "io.courtier.auth.passwordless";

    private static final Logger LOG = LoggerFactory.getLogger(PasswordlessAuthenticator.class);

    /** The keys of {@code etc/io.courtier.auth.passwordless.cfg}. */
    @ObjectClassDefinition(name = "Courtier users without passwords")
    public @interface Config {
        @AttributeDefinition(description = "User names that come in without a password, with commas. Empty: none.")
        String users() default "";

        @AttributeDefinition(description = "On which transports: tcp, tls, ws, wss.")
        String transports() default "ws,wss";

        @AttributeDefinition(description = "From where: loopback or any.")
        String from() default "loopback";
    }

    /** Who may come in, and how. */
    private record Door(Set<String> users, Set<String> transports, boolean fromAnywhere) {
        static final Door CLOSED = new Door(Set.of(), Set.of(), false);

        private static final Set<String> TRANSPORTS = Set.of("tcp", "tls", "ws", "wss");

        static Door of(Config config) {
            Set<String> transports = Words.of(config.transports());
            for (String transport : transports) {
                if (!TRANSPORTS.contains(transport)) throw mistake("transports", transport, "tcp, tls, ws or wss");
            }
            boolean anywhere =
                    switch (config.from().trim()) {
                        case "loopback" -> false;
                        case "any" -> true;
                        default -> throw mistake("from", config.from(), "loopback or any");
                    };
            return new Door(Words.of(config.users()), transports, anywhere);
        }

        private static IllegalArgumentException mistake(String key, String value, String known) {
            return new IllegalArgumentException(
                    key + "=" + value + " is not " + known + ": correct it in etc/" + PID + ".cfg");
        }

        boolean isOpen() {
            return !users.isEmpty() && !transports.isEmpty();
        }

        boolean admits(String user, ConnectionInfo connection) {
            return users.contains(user)
                    && transports.contains(connection.transport())
                    && (fromAnywhere || Addresses.isLoopback(connection.remoteAddress()));
        }
    }

    private volatile Door door;

    @Activate
    public PasswordlessAuthenticator(Config config, Map<String, Object> properties) {
        sayUnknownKeys(properties);
        door = Door.of(config);
        if (door.isOpen()) sayThatItIsOpen(config);
    }

    @Modified
    void modified(Config config, Map<String, Object> properties) {
        sayUnknownKeys(properties);
        boolean wasOpen = door.isOpen();
        // Closed first: what cannot be understood must not leave it open.
        door = Door.CLOSED;
        door = Door.of(config);
        if (door.isOpen()) sayThatItIsOpen(config);
        else if (wasOpen) LOG.info("nobody comes in by a user name alone any more");
    }

    @Override
    public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        String user = request.userName();
        boolean admitted = user != null && request.password() == null && door.admits(user, request.connection());
        answer.accept(
                admitted
                        ? new AuthenticationResult.Allow(new Principal(user, Set.of(), "passwordless"))
                        : new AuthenticationResult.Abstain());
    }

    private void sayThatItIsOpen(Config config) {
        LOG.warn(
                "clients come in without a password as {} over {} from {}: remove the line \"users = {}\" of etc/{}.cfg"
                        + " to close this door",
                String.join(", ", door.users()),
                String.join(", ", door.transports()),
                door.fromAnywhere() ? "anywhere" : "this machine",
                config.users().strip(),
                PID);
    }

    private static void sayUnknownKeys(Map<String, Object> properties) {
        List<String> unknown = EtcFile.unknownKeys(Config.class, properties.keySet());
        if (!unknown.isEmpty()) LOG.warn("unknown keys in etc/{}.cfg: {}", PID, String.join(", ", unknown));
    }
}
