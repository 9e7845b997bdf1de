// SPDX-License-Identifier: Apache-2.0
/** Who may come in and what they may do, as files in etc/ say. */
@NullMarked
package io.courtier.auth.internal;

import org.jspecify.annotations.NullMarked;
