// SPDX-License-Identifier: Apache-2.0
/** Commands of Karaf's shell: {@code courtier:clients} and others. */
@NullMarked
package io.courtier.management.shell;

import org.jspecify.annotations.NullMarked;
