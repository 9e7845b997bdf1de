// SPDX-License-Identifier: Apache-2.0
/** What all listeners have in common, whatever they speak: their file, their life, who may come in and how often. */
@NullMarked
package io.courtier.listener;

import org.jspecify.annotations.NullMarked;
