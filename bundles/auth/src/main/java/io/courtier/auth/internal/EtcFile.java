// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Where the files of etc/ are, and what in a configuration nobody understands. */
final class EtcFile {
    private static final List<String> NOT_OURS = List.of("service.", "component.", "felix.", "osgi.", "org.", ".");

    private EtcFile() {}

    /** The file that is configured, in etc/ where it is relative; the default one where it is empty. */
    static Path of(String configured, String defaultName) {
        Path etc = Path.of(System.getProperty("karaf.etc", "etc"));
        return etc.resolve(configured.isBlank() ? defaultName : configured.trim());
    }

    /** The keys that are no method of the configuration's annotation, sorted. */
    static List<String> unknownKeys(Class<?> config, Collection<String> keys) {
        Set<String> known = Arrays.stream(config.getDeclaredMethods())
                .map(method -> method.getName().replace('_', '.'))
                .collect(Collectors.toSet());
        Set<String> unknown = new TreeSet<>();
        for (String key : keys) {
            if (!known.contains(key) && NOT_OURS.stream().noneMatch(key::startsWith)) unknown.add(key);
        }
        return new ArrayList<>(unknown);
    }
}
