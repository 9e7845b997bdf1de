// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The users of a password file, as one reading found them: {@code user:hash} or {@code user:hash:role,role}. Immutable. */
final class Users {
    static final Users NONE = new Users(Map.of());

    /** @param hash null for a user without password */
    record User(String name, @Nullable PasswordHash hash, Set<String> roles) {}

    private final Map<String, User> byName;
    private final PasswordHash nobodys;

    private Users(Map<String, User> byName) {
        this.byName = byName;
        nobodys = PasswordHash.nobodys(usualCost());
    }

    /** The users of some lines; says which line is broken, never what its hash is. */
    static Users parse(List<String> lines) throws BrokenLine {
        Map<String, User> byName = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            User user = parse(i + 1, lines.get(i));
            if (user != null && byName.put(user.name(), user) != null) {
                throw new BrokenLine(i + 1, "user " + user.name() + " is there a second time");
            }
        }
        return new Users(byName);
    }

    /** The user of a line, or null for a comment. */
    static @Nullable User parse(int number, String text) throws BrokenLine {
        String line = text.strip();
        if (line.isEmpty() || line.startsWith("#")) return null;
        String[] fields = line.split(":", -1);
        if (fields.length < 2 || fields.length > 3)
            throw new BrokenLine(number, "it is not user:hash or user:hash:roles");
        String name = fields[0];
        if (name.isBlank()) throw new BrokenLine(number, "the user name is empty");
        boolean passwordless = fields[1].isEmpty();
        if (passwordless && fields.length == 2) {
            throw new BrokenLine(number, "user " + name + " has no hash; " + name + ":: says that it needs none");
        }
        PasswordHash hash = passwordless ? null : PasswordHash.parse(fields[1]);
        if (!passwordless && hash == null) {
            throw new BrokenLine(
                    number,
                    "what user " + name + " has is no bcrypt hash with a cost of 4 to " + PasswordHash.COST_MAX);
        }
        return new User(name, hash, fields.length == 3 ? roles(number, fields[2]) : Set.of());
    }

    private static Set<String> roles(int number, String text) throws BrokenLine {
        if (text.isBlank()) return Set.of();
        Set<String> roles = new LinkedHashSet<>();
        for (String role : text.split(",", -1)) {
            if (role.isBlank()) throw new BrokenLine(number, "a role is empty");
            roles.add(role.strip());
        }
        return Set.copyOf(roles);
    }

    @Nullable
    User find(String name) {
        return byName.get(name);
    }

    int size() {
        return byName.size();
    }

    /** What to compare with where there is no such user, so that it takes the same time. */
    PasswordHash nobodys() {
        return nobodys;
    }

    /** The cost of most hashes; of two as frequent, the higher. */
    private int usualCost() {
        int[] counts = new int[PasswordHash.COST_MAX + 1];
        int usual = PasswordHash.COST;
        for (User user : byName.values())
            if (user.hash() != null) counts[user.hash().cost()]++;
        for (int cost = 0; cost < counts.length; cost++)
            if (counts[cost] > 0 && counts[cost] >= counts[usual]) usual = cost;
        return usual;
    }
}
