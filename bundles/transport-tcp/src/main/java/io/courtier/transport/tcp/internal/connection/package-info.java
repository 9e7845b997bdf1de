// SPDX-License-Identifier: Apache-2.0
/** What happens to a socket from accept to close. */
@NullMarked
package io.courtier.transport.tcp.internal.connection;

import org.jspecify.annotations.NullMarked;
