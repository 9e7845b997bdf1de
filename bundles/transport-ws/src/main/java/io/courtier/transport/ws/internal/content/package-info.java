// SPDX-License-Identifier: Apache-2.0
/** Static files, from bundles and from a folder. */
@NullMarked
package io.courtier.transport.ws.internal.content;

import org.jspecify.annotations.NullMarked;
