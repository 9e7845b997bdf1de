// SPDX-License-Identifier: Apache-2.0
/** The HTTP server in front: the port, TLS, who may ask, and the upgrade. */
@NullMarked
package io.courtier.transport.ws.internal.http;

import org.jspecify.annotations.NullMarked;
