// SPDX-License-Identifier: Apache-2.0
/** Certificates, keys and the TLS contexts made of them. */
@NullMarked
package io.courtier.transport.tcp.internal.tls;

import org.jspecify.annotations.NullMarked;
