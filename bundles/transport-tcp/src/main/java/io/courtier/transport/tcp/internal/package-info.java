// SPDX-License-Identifier: Apache-2.0
/** Listeners for MQTT over TCP and TLS, one for each configuration file. */
@NullMarked
package io.courtier.transport.tcp.internal;

import org.jspecify.annotations.NullMarked;
