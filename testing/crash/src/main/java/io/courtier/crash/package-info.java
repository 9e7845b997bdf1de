// SPDX-License-Identifier: Apache-2.0
/**
 * A broker that is killed at any moment, as a process, and clients that remember what it promised them. What is checked after
 * its last start is what the standard and the store promise together: nothing that was acknowledged is lost.
 */
@NullMarked
package io.courtier.crash;

import org.jspecify.annotations.NullMarked;
