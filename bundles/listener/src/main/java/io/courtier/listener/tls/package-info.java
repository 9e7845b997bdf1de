// SPDX-License-Identifier: Apache-2.0
/** Certificates and keys: read, checked and watched. */
@NullMarked
package io.courtier.listener.tls;

import org.jspecify.annotations.NullMarked;
