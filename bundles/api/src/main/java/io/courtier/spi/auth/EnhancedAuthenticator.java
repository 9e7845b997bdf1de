// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.auth;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/** Enhanced authentication by AUTH packets, MQTT 5 only. A service for each Authentication Method. [MQTT-4.12.0-1] */
@ConsumerType
public interface EnhancedAuthenticator {
    /** The Authentication Method, as clients write it: {@code SCRAM-SHA-256}. */
    String method();

    /** Begins an exchange, at CONNECT or (reauthentication) later. Called on an event loop. */
    Exchange begin(AuthenticationRequest request);

    /** One exchange with one client. Each step is answered once, on any thread, at once or later. */
    @ConsumerType
    interface Exchange {
        /** The Authentication Data of CONNECT or AUTH, null where it carried none. */
        void step(byte @Nullable [] data, Consumer<Answer> answer);
    }

    /** What comes of a step. */
    sealed interface Answer {
        /** Send this and wait for the client's AUTH. */
        record Continue(byte @Nullable [] data) implements Answer {}

        /** Let it in; the data goes into CONNACK, or into the AUTH that ends a re-authentication. */
        record Success(Principal principal, byte @Nullable [] data) implements Answer {}

        /** Keep it out; as for {@link AuthenticationResult.Deny}. */
        record Failure(io.courtier.protocol.ReasonCode reason, String why) implements Answer {}
    }
}
