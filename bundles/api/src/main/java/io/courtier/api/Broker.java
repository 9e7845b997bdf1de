// SPDX-License-Identifier: Apache-2.0
package io.courtier.api;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.QoS;
import io.courtier.spi.store.SessionImage;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/** The running broker, for other bundles. Safe from any thread; nothing here waits. */
@ProviderType
public interface Broker {
    /** Courtier's version. */
    String version();

    /** Publishes a message of the broker's own: no permission is asked, and no client is its publisher. */
    void publish(ApplicationMessage message);

    /** Closes the connection of a client, if there is one, with Administrative action (0x98) where its version has it. */
    void disconnect(String clientIdentifier);

    /** Gives the connected clients of the moment, on any thread, soon. */
    void clients(Consumer<List<ClientInfo>> answer);

    /** The clients that were refused lately, the last first; some hundreds at most. */
    List<RefusedClient> refused();

    /**
     * Says what a client, connected or not, may do with a topic: null where there is no such session. On any thread, soon.
     * IllegalArgumentException for what is no topic name.
     *
     * @param qos with which it would publish and subscribe
     * @param retain whether it would publish a message to be retained
     */
    void explain(
            String clientIdentifier, String topic, QoS qos, boolean retain, Consumer<@Nullable Explanation> answer);

    /**
     * Makes a session of what was exported of one: with its user, its subscriptions and what waited for it, but without its
     * will. False, on any thread, soon: its client has a session, which stays as it is, or there are too many.
     *
     * @param messages those that it names, by position
     */
    void adopt(SessionImage.Kept session, Map<Long, ApplicationMessage> messages, Consumer<@Nullable Boolean> answer);

    /** The counters of the moment; a few milliseconds old at most. */
    BrokerCounters counters();
}
