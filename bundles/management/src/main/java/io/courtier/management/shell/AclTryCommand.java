// SPDX-License-Identifier: Apache-2.0
package io.courtier.management.shell;

import io.courtier.api.AccessControl;
import io.courtier.api.AccessDifference;
import io.courtier.api.AccessTrial;
import io.courtier.api.Explanation;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.table.ShellTable;
import org.jspecify.annotations.Nullable;

@Service
@Command(
        scope = "courtier",
        name = "acl-try",
        description =
                "Tries other access rules on what clients do, and lists what they would decide otherwise. Nothing is"
                        + " decided by them. Without arguments it shows the list so far.")
public final class AclTryCommand implements Action {
    @Reference(optional = true)
    private @Nullable AccessControl access;

    @Argument(name = "file", description = "the rules to try; in etc/ where it is relative")
    private @Nullable String file;

    @Option(name = "--stop", description = "ends the trial")
    private boolean stop;

    @Override
    public @Nullable Object execute() {
        AccessControl running = Acl.running(access);
        if (stop && file != null) throw new IllegalArgumentException("either a file or --stop");
        if (file != null) {
            AccessTrial begun = running.tryOut(file);
            System.out.println(begun.rules() + " rules of " + begun.file()
                    + " are tried. courtier:acl-try lists what they would decide otherwise, courtier:acl-commit makes them"
                    + " count.");
            return null;
        }
        AccessTrial found = stop ? running.stop() : running.trial();
        if (found == null) {
            System.out.println("No rules are tried.");
            return null;
        }
        System.out.println(summary(found));
        if (!found.differences().isEmpty()) table(found.differences()).print(System.out);
        return null;
    }

    static String summary(AccessTrial found) {
        String text = found.rules() + " rules of " + found.file() + ", tried since "
                + Instant.ofEpochMilli(found.sinceMillis()).truncatedTo(ChronoUnit.SECONDS) + ": " + found.different()
                + " of " + found.asked() + " decisions would be others.";
        if (found.asked() == 0) text += " No client did anything yet, or another authorizer decides.";
        if (found.forgotten() > 0) {
            text += " Only the last " + found.differences().size() + " kinds are listed; " + found.forgotten()
                    + " fell out.";
        }
        return text;
    }

    static ShellTable table(List<AccessDifference> differences) {
        ShellTable table = new ShellTable();
        for (String column : List.of("Times", "Client", "User", "Action", "Topic", "Now", "Tried"))
            table.column(column);
        for (AccessDifference each : differences) {
            table.addRow()
                    .addContent(
                            each.times(),
                            Acl.shown(each.clientIdentifier()),
                            each.userName() == null ? "" : Acl.shown(each.userName()),
                            action(each),
                            Acl.shown(each.topic()),
                            text(each.now()),
                            text(each.tried()));
        }
        return table;
    }

    private static String action(AccessDifference difference) {
        String action = difference.action().name().toLowerCase(Locale.ROOT);
        if (difference.action() == AccessDifference.Action.RECEIVE) return action;
        return action + " qos " + difference.qos() + (difference.retain() ? " retain" : "");
    }

    private static String text(Explanation.Decision decision) {
        return (decision.allowed() ? "allowed" : "denied") + (decision.why() == null ? "" : ", " + decision.why());
    }
}
