// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal;

import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The keys of {@code etc/io.courtier.listener.tcp-NAME.cfg}, with dots for underscores. */
@ObjectClassDefinition(name = "Courtier TCP listener", description = "MQTT over TCP or TLS, one listener for each file")
public @interface Config {
    /** The local address to listen on; 0.0.0.0 or :: for all. */
    String bind() default "127.0.0.1";

    /** The TCP port; 0 lets the system choose one. */
    int port() default 1883;

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

    /** openssl, jdk, or auto: openssl where its native library is present. */
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

    /** How long the PROXY header and the TLS handshake may take together, in milliseconds. */
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
