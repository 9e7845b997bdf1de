// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes one script of a module and all that it imports, for browsers whose service workers may be no modules. Each module
 * becomes a function that runs once, those that it imports before it. Known are the forms in which the modules here import
 * and export; any other fails the build. import() stays: a service worker refuses it in either kind of script.
 */
final class ClassicScript {
    private static final String MODULES = "courtierModules";
    private static final String NAMES = "\\{([^{}]*)\\}";

    private static final Pattern IMPORT =
            Pattern.compile("^import (?:" + NAMES + "|\\* as (\\w+)) from '([^'\n]+)';$", Pattern.MULTILINE);
    private static final Pattern EXPORT_FROM =
            Pattern.compile("^export " + NAMES + " from '([^'\n]+)';$", Pattern.MULTILINE);
    /** A name that may get another value later would need more: so no let. */
    private static final Pattern EXPORT_DECLARATION =
            Pattern.compile("^export ((?:async )?function|class|const) (\\w+)(?=[ (])", Pattern.MULTILINE);
    /** At the end of what compilers and minifiers made. */
    private static final Pattern EXPORT_LIST = Pattern.compile("(?<=[;}\n])export ?" + NAMES + ";?\\s*\\z");

    private static final Pattern UNKNOWN =
            Pattern.compile("(?:^|[;}])[ \t]*(?:import|export)(?:[ \t]+\\w|[ \t]*[\"'{*]).{0,60}", Pattern.MULTILINE);

    private final Map<String, byte[]> files;
    private final String entry;
    /** By the name of its file: what a module exports. */
    private final Map<String, Set<String>> exported = new LinkedHashMap<>();

    private final List<String> beingMade = new ArrayList<>();
    private final StringBuilder script = new StringBuilder();

    private ClassicScript(Map<String, byte[]> files, String entry) {
        this.files = files;
        this.entry = entry;
    }

    /** @param files by name, with slashes; the entry is one of them, and the script is meant to lie beside it */
    static byte[] of(Map<String, byte[]> files, String entry) throws IOException {
        return new ClassicScript(files, entry).make().getBytes(StandardCharsets.UTF_8);
    }

    private String make() throws IOException {
        script.append("// SPDX-License-Identifier: Apache-2.0\n// Made by the build: ")
                .append(entry)
                .append(" and all that it imports, as one script.\n'use strict';\nconst ")
                .append(MODULES)
                .append(" = {};\n");
        add(entry);
        return script.toString();
    }

    private void add(String name) throws IOException {
        if (exported.containsKey(name)) return;
        if (beingMade.contains(name))
            throw new IOException("modules import each other in a circle: " + beingMade + ", " + name);
        if (!files.containsKey(name))
            throw new IOException("there is no module " + name + ", imported by " + beingMade);
        beingMade.add(name);
        Map<String, String> exports = new LinkedHashMap<>();
        String text = new String(files.get(name), StandardCharsets.UTF_8);
        text = replaced(EXPORT_FROM, text, found -> {
            String from = imported(name, found.group(2));
            for (String[] each : names(found.group(1))) {
                exports.put(each[1], MODULES + "['" + from + "']." + known(from, each[0]));
            }
            return "";
        });
        text = replaced(IMPORT, text, found -> {
            String from = imported(name, found.group(3));
            if (found.group(2) != null) return "const " + found.group(2) + " = " + MODULES + "['" + from + "'];";
            List<String> wanted = new ArrayList<>();
            for (String[] each : names(found.group(1))) wanted.add(known(from, each[0]) + ": " + each[1]);
            return "const { " + String.join(", ", wanted) + " } = " + MODULES + "['" + from + "'];";
        });
        text = replaced(EXPORT_DECLARATION, text, found -> {
            exports.put(found.group(2), found.group(2));
            return found.group(1) + " " + found.group(2);
        });
        text = replaced(EXPORT_LIST, text, found -> {
            for (String[] each : names(found.group(1))) exports.put(each[1], each[0]);
            return "";
        });
        text = text.replace("import.meta.url", "new URL('" + beside(name) + "', self.location.href).href");
        Matcher unknown = UNKNOWN.matcher(text);
        if (unknown.find()) throw new IOException("a form that is not known here, in " + name + ": " + unknown.group());
        if (text.contains("import.meta")) throw new IOException("import.meta has only its url here: " + name);
        script.append("\n// ").append(name).append('\n');
        script.append(MODULES)
                .append("['")
                .append(name)
                .append("'] = (function () {\n")
                .append(text);
        script.append("\nreturn {");
        exports.forEach((as, what) -> script.append(" get ")
                .append(as)
                .append("() { return ")
                .append(what)
                .append("; },"));
        script.append(" };\n})();\n");
        exported.put(name, new TreeSet<>(exports.keySet()));
        beingMade.remove(name);
    }

    /** The module behind a specifier, which is made before the one that imports it. */
    private String imported(String by, String specifier) throws IOException {
        if (!specifier.startsWith("./") && !specifier.startsWith("../")) {
            throw new IOException("not the address of a module: " + specifier + ", in " + by);
        }
        String name = URI.create("/" + by).resolve(specifier).getPath().substring(1);
        add(name);
        return name;
    }

    private String known(String module, String name) throws IOException {
        if (!exported.get(module).contains(name)) throw new IOException(module + " exports no " + name);
        return name;
    }

    /** A module's address, from where the script is. */
    private String beside(String name) {
        return "../".repeat((int) entry.chars().filter(each -> each == '/').count()) + name;
    }

    /** Pairs of a name where it comes from, and one where it goes. */
    private static List<String[]> names(String list) throws IOException {
        List<String[]> pairs = new ArrayList<>();
        for (String each : list.split(",")) {
            if (each.isBlank()) continue;
            String[] words = each.strip().split("\\s+");
            if (words.length == 1) pairs.add(new String[] {words[0], words[0]});
            else if (words.length == 3 && words[1].equals("as")) pairs.add(new String[] {words[0], words[2]});
            else throw new IOException("not a name: " + each);
        }
        return pairs;
    }

    private interface Replacement {
        String of(MatchResult found) throws IOException;
    }

    private static String replaced(Pattern pattern, String text, Replacement replacement) throws IOException {
        StringBuilder all = new StringBuilder();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            matcher.appendReplacement(all, Matcher.quoteReplacement(replacement.of(matcher.toMatchResult())));
        }
        return matcher.appendTail(all).toString();
    }
}
