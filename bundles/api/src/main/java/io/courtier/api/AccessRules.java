// SPDX-License-Identifier: Apache-2.0
package io.courtier.api;

import org.jspecify.annotations.Nullable;

/**
 * The access rules that count.
 *
 * @param file where they are
 * @param rules how many
 * @param before the file with those that they replaced, null where there were none
 */
public record AccessRules(String file, int rules, @Nullable String before) {}
