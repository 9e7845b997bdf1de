// SPDX-License-Identifier: Apache-2.0
/** One MQTT connection over WebSocket, between Jetty's threads and the broker's loops. */
@NullMarked
package io.courtier.transport.ws.internal.connection;

import org.jspecify.annotations.NullMarked;
