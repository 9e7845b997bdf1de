// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whom a name of a certificate stands for, by a file with lines {@code name = user:role,role}; an empty user leaves the one
 * that there would be without. A file that goes or that never could be read lets nobody in by a certificate, since a name
 * without its alias may be somebody else; one that is broken later changes nothing.
 */
final class CertificateAliases implements AutoCloseable {
    /** @param user null to leave it as it is */
    record Alias(@Nullable String user, Set<String> roles) {
        static final Alias NONE = new Alias(null, Set.of());
    }

    private static final Logger LOG = LoggerFactory.getLogger(CertificateAliases.class);

    private final Path path;
    private final FollowedFile file;
    private volatile @Nullable Map<String, Alias> aliases;

    CertificateAliases(Path path) {
        this.path = path;
        file = new FollowedFile(path, this::read);
    }

    void start() {
        file.look();
        file.follow();
    }

    void look() {
        file.look();
    }

    @Override
    public void close() {
        file.close();
    }

    /** The alias of a name, perhaps NONE. Null while nobody knows. */
    @Nullable
    Alias find(String name) {
        Map<String, Alias> known = aliases;
        return known == null ? null : known.getOrDefault(name, Alias.NONE);
    }

    private void read(FollowedFile.Content content) {
        String stays = aliases == null ? "no client comes in by its certificate" : "the aliases from before stay";
        if (content instanceof FollowedFile.Content.Lines text) {
            try {
                Map<String, Alias> read = parse(text.lines());
                aliases = read;
                LOG.info("file={} aliases={}", path, read.size());
            } catch (BrokenLine broken) {
                LOG.error("file={} {}; {}", path, broken.getMessage(), stays);
            }
        } else if (content instanceof FollowedFile.Content.Unreadable unreadable) {
            LOG.error("file={} {}; {}", path, unreadable.why(), stays);
        } else {
            aliases = null;
            LOG.error(
                    "file={} is missing, so no client comes in by its certificate: write it, or take aliases out of"
                            + " etc/{}.cfg",
                    path,
                    X509Authenticator.PID);
        }
    }

    static Map<String, Alias> parse(List<String> lines) throws BrokenLine {
        Map<String, Alias> aliases = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) continue;
            // The last one: distinguished names are full of them.
            int equals = line.lastIndexOf('=');
            String name = line.substring(0, Math.max(0, equals)).strip();
            if (name.isEmpty()) throw new BrokenLine(i + 1, "it is not name = user or name = user:roles");
            if (aliases.put(name, alias(i + 1, line.substring(equals + 1))) != null) {
                throw new BrokenLine(i + 1, name + " is there a second time");
            }
        }
        return Map.copyOf(aliases);
    }

    private static Alias alias(int number, String text) throws BrokenLine {
        int colon = text.lastIndexOf(':');
        String user = (colon < 0 ? text : text.substring(0, colon)).strip();
        Set<String> roles = new LinkedHashSet<>();
        if (colon >= 0) {
            for (String role : text.substring(colon + 1).split(",", -1)) {
                if (role.isBlank()) throw new BrokenLine(number, "a role is empty");
                roles.add(role.strip());
            }
        }
        if (user.isEmpty() && roles.isEmpty()) throw new BrokenLine(number, "there is neither a user nor a role");
        return new Alias(user.isEmpty() ? null : user, Set.copyOf(roles));
    }
}
