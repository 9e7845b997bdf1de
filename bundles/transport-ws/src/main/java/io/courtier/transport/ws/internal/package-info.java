// SPDX-License-Identifier: Apache-2.0
/** WebSocket listeners, one for each configuration file, with static content on the same port. */
@NullMarked
package io.courtier.transport.ws.internal;

import org.jspecify.annotations.NullMarked;
