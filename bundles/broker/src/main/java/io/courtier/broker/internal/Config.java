// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import io.courtier.core.Limits;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The keys of {@code etc/io.courtier.broker.cfg}; each limit is explained in {@link Limits}. */
@ObjectClassDefinition(name = "Courtier broker")
public @interface Config {
    @AttributeDefinition(description = "How sockets are watched: auto, io_uring, epoll or nio. Read at start.")
    String io() default "auto";

    @AttributeDefinition(description = "Event loops, 0 for one per processor. Read at start.")
    int loops() default 0;

    @AttributeDefinition(description = "Seconds between the messages under $SYS; 0: none. Read at start.")
    int sys_interval_seconds() default 10;

    @AttributeDefinition(description = "What outlives the broker: sessions, retained or both. Read at start.")
    String persistence() default "sessions,retained";

    int packet_bytes_max() default 1 << 20;

    int receive_maximum() default 1_024;

    int inflight_max() default 1_024;

    int topic_alias_maximum() default 32;

    int topic_alias_maximum_outbound() default 32;

    int keep_alive_seconds_max() default 65_535;

    long session_expiry_seconds_max() default 604_800;

    int sessions_max() default 1_000_000;

    int subscriptions_per_session_max() default 100_000;

    int topic_levels_max() default 128;

    int queue_messages_max() default 100_000;

    long queue_bytes_max() default 64 << 20;

    @AttributeDefinition(description = "Bytes in all queues together; 0: a quarter of the heap.")
    long queue_bytes_total_max() default 0;

    int retained_messages_max() default 1_000_000;

    @AttributeDefinition(description = "Bytes of all retained messages; 0: a quarter of the heap. Read at start.")
    long retained_bytes_max() default 0;

    int qos_maximum() default 2;

    boolean retain_available() default true;

    boolean wildcard_subscription_available() default true;

    boolean shared_subscription_available() default true;

    boolean subscription_identifier_available() default true;

    int client_identifier_bytes_max() default 1_024;

    int connect_seconds() default 10;

    boolean reveal_not_authorized() default true;

    String response_information() default "";

    long ttl_subscriptions() default 0;

    long ttl_packets() default 0;

    String queue_full() default "drop-newest";

    int client_connects_per_minute() default 0;

    int user_connects_per_minute() default 0;

    int client_messages_per_second() default 0;

    long client_bytes_per_second() default 0;

    int user_messages_per_second() default 0;

    long user_bytes_per_second() default 0;

    int message_burst_seconds() default 1;

    @AttributeDefinition(description = "What becomes of a client that publishes more: pause or disconnect.")
    String message_rate_action() default "pause";

    int sessions_per_user_max() default 0;

    int takeover_max() default 5;

    int takeover_seconds() default 10;

    @AttributeDefinition(
            description = "How long CONNECTs wait for a guard that is being replaced, in ms. Read at start.")
    int swap_hold_ms() default 2_000;

    @AttributeDefinition(description = "A user that new authenticators must let in. Empty: none. Read at start.")
    String probe_allowed_user() default "";

    String probe_allowed_password() default "";

    @AttributeDefinition(description = "A user that new authenticators must keep out. Empty: none. Read at start.")
    String probe_denied_user() default "";

    String probe_denied_password() default "";
}
