// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who is banned, as one reading of the file found it: {@code client|user|address WHAT [until INSTANT]}, one a line. A star
 * in the name of a client or a user stands for anything. Immutable.
 */
final class Bans {
    static final Bans NONE = new Bans(List.of());

    private enum Kind {
        CLIENT,
        USER,
        ADDRESS
    }

    /** @param until null for ever */
    private record Ban(
            int line, Kind kind, Pattern name, Addresses.@Nullable Network network, @Nullable Instant until) {
        boolean covers(String client, @Nullable String user, String address, Instant now) {
            if (until != null && !now.isBefore(until)) return false;
            return switch (kind) {
                case CLIENT -> name.matcher(client).matches();
                case USER -> user != null && name.matcher(user).matches();
                case ADDRESS -> network != null && network.contains(address);
            };
        }
    }

    private static final Pattern NOTHING = Pattern.compile("(?!)");

    private final List<Ban> bans;

    private Bans(List<Ban> bans) {
        this.bans = List.copyOf(bans);
    }

    static Bans parse(List<String> lines) throws BrokenLine {
        List<Ban> bans = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) bans.add(parse(i + 1, line));
        }
        return new Bans(bans);
    }

    private static Ban parse(int number, String line) throws BrokenLine {
        String[] words = line.split("\\s+", -1);
        boolean timed = words.length == 4 && words[2].equals("until");
        if (words.length != 2 && !timed) {
            throw new BrokenLine(number, "a ban is: client|user|address WHAT [until INSTANT]");
        }
        Instant until = timed ? instant(number, words[3]) : null;
        return switch (words[0]) {
            case "client" -> new Ban(number, Kind.CLIENT, glob(words[1]), null, until);
            case "user" -> new Ban(number, Kind.USER, glob(words[1]), null, until);
            case "address" -> new Ban(number, Kind.ADDRESS, NOTHING, network(number, words[1]), until);
            default -> throw new BrokenLine(number, words[0] + " is not client, user or address");
        };
    }

    private static Instant instant(int number, String text) throws BrokenLine {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new BrokenLine(number, text + " is no time: write it like 2030-01-31T12:00:00Z");
        }
    }

    private static Addresses.Network network(int number, String text) throws BrokenLine {
        try {
            return Addresses.Network.parse(text);
        } catch (IllegalArgumentException e) {
            throw new BrokenLine(number, text + " is no address and no network: write it like 10.1.2.3 or 10.0.0.0/8");
        }
    }

    /** A star at most where there are several in a row, so that nothing goes back and forth. */
    private static Pattern glob(String text) {
        StringBuilder regex = new StringBuilder();
        for (String part : text.split("\\*+", -1)) {
            if (regex.length() > 0 || text.startsWith("*") && part.isEmpty()) regex.append(".*");
            regex.append(Pattern.quote(part));
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    int size() {
        return bans.size();
    }

    /** The line of the file that bans this client, or 0. */
    int lineFor(String client, @Nullable String user, String address, Instant now) {
        for (Ban ban : bans) if (ban.covers(client, user, address, now)) return ban.line();
        return 0;
    }
}
