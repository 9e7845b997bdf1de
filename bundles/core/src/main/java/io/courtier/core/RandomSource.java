// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

/** Random numbers from outside. Those for identifiers must not be predictable on a server. */
public interface RandomSource {
    long nextLong();
}
