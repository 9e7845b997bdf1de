// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

/**
 * How a client wants to come in.
 *
 * @param lasts the session outlives the connection; the next one takes it up unless {@code clean}
 * @param receiveMaximum for MQTT 5; 0: the library's own
 * @param reconnects the library connects again by itself
 */
record Visit(
        int port,
        String clientId,
        boolean clean,
        boolean lasts,
        Will will,
        String user,
        Authority.Tls tls,
        int receiveMaximum,
        boolean reconnects) {

    record Will(String topic, String text, int qos, boolean retain) {}

    /** A clean start whose session ends with the connection. */
    static Visit of(String clientId) {
        return new Visit(House.port(), clientId, true, false, null, null, null, 0, false);
    }

    Visit through(int port) {
        return new Visit(port, clientId, clean, lasts, will, user, tls, receiveMaximum, reconnects);
    }

    /** Takes up the session of its name; leaves it behind. */
    Visit lasting() {
        return new Visit(port, clientId, false, true, will, user, tls, receiveMaximum, reconnects);
    }

    Visit with(Will will) {
        return new Visit(port, clientId, clean, lasts, will, user, tls, receiveMaximum, reconnects);
    }

    Visit as(String user) {
        return new Visit(port, clientId, clean, lasts, will, user, tls, receiveMaximum, reconnects);
    }

    Visit over(Authority.Tls tls) {
        return new Visit(port, clientId, clean, lasts, will, user, tls, receiveMaximum, reconnects);
    }

    Visit takingAtOnce(int receiveMaximum) {
        return new Visit(port, clientId, clean, lasts, will, user, tls, receiveMaximum, reconnects);
    }

    Visit reconnecting() {
        return new Visit(port, clientId, clean, lasts, will, user, tls, receiveMaximum, true);
    }
}
