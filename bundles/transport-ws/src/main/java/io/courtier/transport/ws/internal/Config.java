// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal;

import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The keys of {@code etc/io.courtier.listener.ws-NAME.cfg}, with dots for underscores. */
@ObjectClassDefinition(
        name = "Courtier WebSocket listener",
        description = "MQTT over WebSocket, and static content, one listener for each file")
public @interface Config {
    /** The local address to listen on; 0.0.0.0 or :: for all. */
    String bind() default "127.0.0.1";

    /** The TCP port; 0 lets the system choose one. */
    int port() default 8084;

    /** Where clients upgrade; * for anywhere. */
    String path() default "/mqtt";

    /** Whether clients must offer the subprotocol mqtt or mqttv3.1, as the standard wants it. */
    boolean subprotocol_required() default true;

    /** How many bytes one WebSocket message may have, however many frames it comes in. */
    int message_bytes_max() default 268_435_461;

    /** The names that the listener answers to in browsers, with commas; * for any. */
    String hosts() default "";

    /** The pages of other origins that may connect, with commas: https://app.example.com; * for any. */
    String origins() default "";

    /** Addresses and networks of reverse proxies, whose X-Forwarded-For is believed. */
    String forwarded_from() default "";

    /** What bundles serve here: names with commas; * for all, nothing for none. */
    String content() default "*";

    /** A folder that is served at /. */
    String static$() default "";

    /** Whether /mqtt.js is served: MQTT.js, for pages that include it. */
    boolean bundle() default false;

    /** Whether clients speak TLS. */
    boolean tls() default false;

    /** A PEM file: the server's certificate first, then those between it and the root. */
    String tls_certificate() default "";

    /** A PEM file with the private key of {@code tls.certificate}. */
    String tls_key() default "";

    /** What the key is encrypted with; empty: it is not. */
    String tls_key_password() default "";

    /** A PKCS#12 file with certificate and key, instead of the two PEM files. */
    String tls_keystore() default "";

    String tls_keystore_password() default "";

    /** The authorities whose client certificates are believed: a PEM bundle or a PKCS#12 trust store. */
    String tls_trust() default "";

    String tls_trust_password() default "";

    /** none: not asked for; want: verified where presented; need: no connection without. */
    String tls_client_certificate() default "none";

    /** A CRL of the clients' authorities, PEM or DER, or a folder with them. Empty: nobody asks. */
    String tls_crl() default "";

    /** refuse or allow: whose list was to be renewed by now, and does not name it. */
    String tls_crl_expired() default "refuse";

    /** refuse or allow: whose issuer has no list. */
    String tls_crl_missing() default "refuse";

    /** TLSv1.3, TLSv1.2 or both, with commas. */
    String tls_protocols() default "TLSv1.3,TLSv1.2";

    /** jdk or auto, which is the same here. */
    String tls_provider() default "auto";

    /**
     * Whether clients without credentials may come in. Unset means true on a loopback address that no proxy is in front
     * of; anywhere else the listener stays closed until it is said.
     */
    String allow_anonymous() default "";

    /** Addresses and networks (10.0.0.0/8), with commas: who must begin with a PROXY header, v1 or v2. */
    String proxy_protocol_from() default "";

    /** How many connections at once; more are closed at once. 0: no limit. */
    int connections_max() default 0;

    /** How many new connections in a second, and how many at once after a quiet second. 0: no limit. */
    int connections_per_second() default 0;

    /** How long the PROXY header, the TLS handshake and the first request may take together, in milliseconds. */
    int handshake_timeout_ms() default 10_000;

    /** How many connections the system may hold before they are accepted. */
    int backlog() default 1024;

    /** TCP_NODELAY: send small packets at once. */
    boolean no_delay() default true;

    /** More than this many bytes not taken by a client, and it is a slow one. */
    int write_high_water_bytes() default 1024 * 1024;

    /** Fewer than this many, and it no longer is; 0: a quarter of the high-water mark. */
    int write_low_water_bytes() default 0;

    /** How long clients have to take what was sent to them when the listener closes, in seconds, 0 to 60. */
    int drain_seconds() default 5;
}
