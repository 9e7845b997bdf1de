// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import io.courtier.core.FairUse;
import io.courtier.core.Limits;

/** What the settings of the broker come to, as limits of one shard. */
final class ConfiguredLimits {
    private ConfiguredLimits() {}

    private static Limits.QueueFull queueFull(String name) {
        for (Limits.QueueFull each : Limits.QueueFull.values()) {
            if (each.name().replace('_', '-').equalsIgnoreCase(name)) return each;
        }
        throw new IllegalArgumentException("queue.full is drop-newest, drop-oldest or refuse, not " + name);
    }

    /** @param shards how many share what is for all together */
    static Limits of(Config config, int shards) {
        long heapQuarter = Runtime.getRuntime().maxMemory() / 4;
        long queueBytes = config.queue_bytes_total_max() > 0 ? config.queue_bytes_total_max() : heapQuarter;
        return new Limits(
                config.packet_bytes_max(),
                config.receive_maximum(),
                config.inflight_max(),
                config.topic_alias_maximum(),
                config.topic_alias_maximum_outbound(),
                config.keep_alive_seconds_max(),
                config.ttl_subscriptions() > 0
                        ? Math.min(config.ttl_subscriptions(), config.session_expiry_seconds_max())
                        : config.session_expiry_seconds_max(),
                config.sessions_max(),
                config.subscriptions_per_session_max(),
                config.topic_levels_max(),
                config.queue_messages_max(),
                config.queue_bytes_max(),
                queueBytes / shards,
                config.retained_messages_max(),
                config.retained_bytes_max() > 0 ? config.retained_bytes_max() : heapQuarter,
                config.qos_maximum(),
                config.retain_available(),
                config.wildcard_subscription_available(),
                config.shared_subscription_available(),
                config.subscription_identifier_available(),
                config.client_identifier_bytes_max(),
                config.connect_seconds(),
                Limits.DEFAULT.fanOutSlice(),
                Limits.DEFAULT.mailboxMessagesMax(),
                Limits.DEFAULT.mailboxBytesMax(),
                config.reveal_not_authorized(),
                config.response_information(),
                config.ttl_packets(),
                queueFull(config.queue_full()),
                fairUse(config));
    }

    private static FairUse fairUse(Config config) {
        FairUse.Excess excess =
                switch (config.message_rate_action()) {
                    case "pause" -> FairUse.Excess.PAUSE;
                    case "disconnect" -> FairUse.Excess.DISCONNECT;
                    default ->
                        throw new IllegalArgumentException(
                                "message.rate.action must be pause or disconnect, not " + config.message_rate_action());
                };
        return new FairUse(
                config.client_connects_per_minute(),
                config.user_connects_per_minute(),
                config.client_messages_per_second(),
                config.client_bytes_per_second(),
                config.user_messages_per_second(),
                config.user_bytes_per_second(),
                config.message_burst_seconds(),
                excess,
                config.sessions_per_user_max(),
                config.takeover_max(),
                config.takeover_seconds());
    }
}
