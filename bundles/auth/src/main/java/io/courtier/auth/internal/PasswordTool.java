// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Writes password files, from a command line: runs from the bundle's jar alone. The file is replaced in one step by one that
 * only its owner can read; comments and the order of users stay. Exit code 0: done; 1: not done, and why; 2: not understood.
 */
public final class PasswordTool {
    private static final String USAGE =
            """
            usage: FILE add USER [--roles ROLE,ROLE]   adds a user, or changes password and roles of one
                   FILE remove USER
                   FILE list
            The password is asked for, or is the first line of standard input. With --scram behind, FILE has users of SCRAM.""";
    private static final String SCRAM = "--scram";

    /** What the user got wrong, in one sentence. */
    private static final class Refused extends Exception {
        Refused(String why) {
            super(why);
        }
    }

    private final Path file;
    private final UserLines grammar;
    /** Null where standard input is no terminal. */
    private final @Nullable Console console;

    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;

    private PasswordTool(
            Path file, UserLines grammar, @Nullable Console console, InputStream in, PrintStream out, PrintStream err) {
        this.file = file;
        this.grammar = grammar;
        this.console = console;
        this.in = in;
        this.out = out;
        this.err = err;
    }

    public static void main(String[] args) {
        // Without it, Java 22 and later call any input a console.
        System.setProperty("jdk.console", "java.base");
        System.exit(run(List.of(args), PasswordHash.COST, System.console(), System.in, System.out, System.err));
    }

    static int run(
            List<String> words, int cost, @Nullable Console console, InputStream in, PrintStream out, PrintStream err) {
        List<String> args = new ArrayList<>(words);
        boolean scram = args.remove(SCRAM);
        UserLines grammar = scram ? new UserLines.Scram(ScramCredential.ITERATIONS) : new UserLines.Bcrypt(cost);
        boolean rolesSaid = args.size() == 5 && args.get(3).equals("--roles");
        String verb = args.size() < 2 ? "" : args.get(1);
        try {
            PasswordTool tool =
                    new PasswordTool(Path.of(args.isEmpty() ? "" : args.get(0)), grammar, console, in, out, err);
            if (verb.equals("add") && (args.size() == 3 || rolesSaid)) {
                tool.add(args.get(2), rolesSaid ? args.get(4) : null);
            } else if (verb.equals("remove") && args.size() == 3) {
                tool.remove(args.get(2));
            } else if (verb.equals("list") && args.size() == 2) {
                tool.list();
            } else {
                err.println(USAGE);
                return 2;
            }
            return 0;
        } catch (Refused refused) {
            err.println(refused.getMessage());
        } catch (BrokenLine broken) {
            err.println(args.get(0) + ", " + broken.getMessage());
        } catch (IOException e) {
            err.println(args.get(0) + " cannot be read or written: " + e);
        }
        return 1;
    }

    private void add(String user, @Nullable String roles) throws IOException, BrokenLine, Refused {
        checkName(user);
        List<String> lines = read();
        int at = find(lines, user);
        UserLines.Entry before = at < 0 ? null : grammar.parse(at + 1, lines.get(at));
        String rolesText = roles != null ? roles : before == null ? "" : join(before.roles());
        byte[] password = password(user);
        String line = user + ":" + grammar.credentials(password) + (rolesText.isBlank() ? "" : ":" + rolesText);
        Arrays.fill(password, (byte) 0);
        if (at < 0) lines.add(line);
        else lines.set(at, line);
        lines.addAll(0, grammar.missingIn(lines));
        grammar.check(lines);
        write(lines);
        out.println(at < 0 ? "user " + user + " added" : "user " + user + " changed");
    }

    private void remove(String user) throws IOException, BrokenLine, Refused {
        List<String> lines = read();
        int at = find(lines, user);
        if (at < 0) throw new Refused("there is no user " + user + " in " + file);
        lines.remove(at);
        write(lines);
        out.println("user " + user + " removed");
    }

    private void list() throws IOException, BrokenLine {
        List<String> lines = read();
        for (int i = 0; i < lines.size(); i++) {
            UserLines.Entry user = grammar.parse(i + 1, lines.get(i));
            if (user == null) continue;
            String roles = user.roles().isEmpty() ? "" : " roles=" + join(user.roles());
            out.println(user.name() + roles + (user.hasPassword() ? "" : " (no password)"));
        }
    }

    /** Refuses names that would read as something else. */
    private void checkName(String user) throws Refused {
        boolean odd = user.codePoints().anyMatch(c -> c == ':' || Character.isISOControl(c));
        if (odd || user.isEmpty() || user.startsWith("#") || !user.equals(user.strip())) {
            throw new Refused("a user name is not empty, does not begin with # and has no colon, no control character"
                    + " and no blank at an end");
        }
        String problem = grammar.problemOfName(user);
        if (problem != null) throw new Refused(problem);
    }

    /** Changes nothing in a file that is broken already: the broker would not follow it. */
    private List<String> read() throws IOException, BrokenLine {
        List<String> lines = Files.exists(file) ? Files.readAllLines(file, StandardCharsets.UTF_8) : new ArrayList<>();
        grammar.check(lines);
        return new ArrayList<>(lines);
    }

    private int find(List<String> lines, String name) throws BrokenLine {
        for (int i = 0; i < lines.size(); i++) {
            UserLines.Entry user = grammar.parse(i + 1, lines.get(i));
            if (user != null && user.name().equals(name)) return i;
        }
        return -1;
    }

    private static String join(Set<String> roles) {
        return String.join(",", new TreeSet<>(roles));
    }

    private byte[] password(String user) throws IOException, Refused {
        byte[] password = console == null ? firstLine(in) : ask(console, user);
        if (password.length == 0) {
            throw new Refused("an empty password is none"
                    + (grammar instanceof UserLines.Bcrypt
                            ? "; for a user without password write " + user + ":: into " + file
                            : ""));
        }
        String problem = grammar.problemOfPassword(password);
        if (problem != null) throw new Refused(problem);
        return password;
    }

    private static byte[] ask(Console console, String user) throws Refused {
        char[] first = console.readPassword("Password of %s: ", user);
        char[] second = first == null ? null : console.readPassword("Again: ");
        if (first == null || second == null) throw new Refused("no password came");
        if (!Arrays.equals(first, second)) throw new Refused("the two passwords differ");
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(CharBuffer.wrap(first));
        Arrays.fill(first, ' ');
        Arrays.fill(second, ' ');
        byte[] password = new byte[bytes.remaining()];
        bytes.get(password);
        return password;
    }

    /** As bytes, whatever they are: that is how a client sends it. */
    private static byte[] firstLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) line.write(b);
        byte[] bytes = line.toByteArray();
        boolean carriageReturn = bytes.length > 0 && bytes[bytes.length - 1] == '\r';
        return carriageReturn ? Arrays.copyOf(bytes, bytes.length - 1) : bytes;
    }

    private void write(List<String> lines) throws IOException {
        String text = String.join("\n", lines) + (lines.isEmpty() ? "" : "\n");
        Path target = WholeFile.target(file);
        WholeFile.write(file, text.getBytes(StandardCharsets.UTF_8), written -> {
            keepOwner(written, Files.exists(target) ? target : target.resolveSibling("."));
        });
    }

    /** Root may write the file for the user that the broker runs as, who must be able to read it. */
    private void keepOwner(Path temporary, Path like) {
        try {
            UserPrincipal owner = Files.getOwner(like);
            if (!owner.equals(Files.getOwner(temporary))) Files.setOwner(temporary, owner);
        } catch (IOException | UnsupportedOperationException e) {
            err.println("the owner of " + file + " is now you: the broker must be able to read it (" + e + ")");
        }
    }
}
