// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/** Lists in configuration files: words with commas. */
final class Words {
    private Words() {}

    /** Sorted, without those that are empty. */
    static Set<String> of(String list) {
        Set<String> words = new TreeSet<>();
        Arrays.stream(list.split(",", -1))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .forEach(words::add);
        return words;
    }
}
