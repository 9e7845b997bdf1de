// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ReasonCode;
import org.jspecify.annotations.Nullable;

/**
 * Why something came to nothing.
 *
 * @param reason as the server said, or as the standard would call it; null where it has no name for it
 * @param properties as the server sent them
 */
public record Failure(Kind kind, @Nullable ReasonCode reason, String text, Properties properties) {
    public enum Kind {
        /** The server said no. */
        REFUSED,
        /** The server names another: {@link #serverReference}. Not followed by itself. */
        REDIRECTED,
        /** Another client came with this client identifier. There is no next attempt. */
        TAKEN_OVER,
        /** What was asked for cannot be, whoever is asked. */
        INVALID,
        /** More waits than may: {@link ClientOptions.Bounds}. */
        FULL,
        /** The Message Expiry Interval passed before it could be sent. */
        EXPIRED,
        /** QoS 0, and there is no connection. */
        OFFLINE,
        /** Larger than the server takes. */
        TOO_LARGE,
        /** No answer in time. */
        TIMEOUT,
        /** The transport failed, or was closed from the other side. */
        LOST,
        /** The server broke the standard. */
        PROTOCOL,
        /** The application disconnected, or ended the client. */
        ENDED,
        /** The client's own store. */
        STORE
    }

    static Failure of(Kind kind, String text) {
        return new Failure(kind, null, text, Properties.NONE);
    }

    static Failure of(Kind kind, ReasonCode reason, String text) {
        return new Failure(kind, reason, text, Properties.NONE);
    }

    /** What a server said in CONNACK or DISCONNECT. */
    static Failure said(ReasonCode reason, Properties properties) {
        Kind kind =
                switch (reason) {
                    case USE_ANOTHER_SERVER, SERVER_MOVED -> Kind.REDIRECTED;
                    case SESSION_TAKEN_OVER -> Kind.TAKEN_OVER;
                    default -> Kind.REFUSED;
                };
        String text = properties.string(Property.REASON_STRING);
        return new Failure(kind, reason, text == null ? reason.text() : text, properties);
    }

    public @Nullable String serverReference() {
        return properties.string(Property.SERVER_REFERENCE);
    }

    /** Whether the same attempt may well succeed later. */
    boolean isPassing() {
        if (kind == Kind.REDIRECTED || kind == Kind.TAKEN_OVER || kind == Kind.INVALID || kind == Kind.ENDED)
            return false;
        if (kind != Kind.REFUSED || reason == null) return true;
        return switch (reason) {
            case UNSUPPORTED_PROTOCOL_VERSION,
                    CLIENT_IDENTIFIER_NOT_VALID,
                    BAD_USER_NAME_OR_PASSWORD,
                    NOT_AUTHORIZED,
                    BANNED,
                    BAD_AUTHENTICATION_METHOD,
                    TOPIC_NAME_INVALID,
                    PAYLOAD_FORMAT_INVALID,
                    RETAIN_NOT_SUPPORTED,
                    QOS_NOT_SUPPORTED,
                    MALFORMED_PACKET,
                    PROTOCOL_ERROR -> false;
            default -> true;
        };
    }
}
