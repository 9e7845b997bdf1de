// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.transport;

/** Why a Network Connection ended, for logs and counters. */
public enum CloseCause {
    /** The client sent DISCONNECT. */
    CLIENT_DISCONNECTED,
    /** The peer closed or reset the connection without DISCONNECT. */
    PEER_CLOSED,
    /** The broker ended it, with a Reason Code where the version has one. */
    SERVER_DISCONNECTED,
    /** The peer sent bytes that no protocol here understands. */
    PROTOCOL_VIOLATION,
    /** CONNECT, the TLS handshake or a PROXY header did not come in time. */
    TIMEOUT,
    /** The TLS handshake failed. */
    TLS_FAILED,
    /** The listener is closing. */
    LISTENER_CLOSED,
    /** Reading or writing failed. */
    IO_ERROR
}
