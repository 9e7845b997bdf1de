// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.api.AccessDifference;
import io.courtier.api.Explanation.Decision;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What a trial found. Each difference is counted; of more than {@link #LISTED_MAX} the one falls out that did not come up for
 * the longest time. Event loops write, the shell reads.
 */
final class Differences {
    /** More would not be read, and a list that denies all would have one for every client and topic. */
    static final int LISTED_MAX = 500;

    /** Of names and topics, in characters. Longer ones are cut, so that the whole list stays below two megabytes. */
    static final int TEXT_CHARS_MAX = 500;

    /** A question that was answered in two ways. Those that differ in what was cut alone are one. */
    record Question(
            String clientIdentifier,
            @Nullable String userName,
            AccessDifference.Action action,
            String topic,
            int qos,
            boolean retain) {
        Question {
            clientIdentifier = cut(clientIdentifier);
            userName = userName == null ? null : cut(userName);
            topic = cut(topic);
        }

        private static String cut(String text) {
            return text.length() <= TEXT_CHARS_MAX ? text : text.substring(0, TEXT_CHARS_MAX) + "...";
        }
    }

    /** The last two answers to it; the rules do not change during a trial, but the roles of a client may. */
    private static final class Seen {
        Decision now;
        Decision tried;
        long times;

        Seen(Decision now, Decision tried) {
            this.now = now;
            this.tried = tried;
        }
    }

    private final LongAdder asked = new LongAdder();
    private final Map<Question, Seen> listed = new LinkedHashMap<>(16, 0.75f, true);
    private long different;
    private long forgotten;

    /** One more decision was compared. */
    void asked() {
        asked.increment();
    }

    /** It differs. */
    synchronized void add(Question question, Decision now, Decision tried) {
        different++;
        Seen seen = listed.get(question);
        if (seen == null) {
            if (listed.size() == LISTED_MAX) {
                Iterator<Question> oldest = listed.keySet().iterator();
                oldest.next();
                oldest.remove();
                forgotten++;
            }
            seen = new Seen(now, tried);
            listed.put(question, seen);
        }
        seen.now = now;
        seen.tried = tried;
        seen.times++;
    }

    long askedSoFar() {
        return asked.sum();
    }

    synchronized long different() {
        return different;
    }

    synchronized long forgotten() {
        return forgotten;
    }

    /** The one that came up last is the first. */
    synchronized List<AccessDifference> listed() {
        List<AccessDifference> all = new ArrayList<>(listed.size());
        listed.forEach((question, seen) -> all.add(new AccessDifference(
                question.clientIdentifier(),
                question.userName(),
                question.action(),
                question.topic(),
                question.qos(),
                question.retain(),
                seen.now,
                seen.tried,
                seen.times)));
        Collections.reverse(all);
        return all;
    }
}
