// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets a message through when it says something else than the last one of its topic: sensors that report the same again and
 * again cost their subscribers nothing. After a new subscription the next message of its topics goes through, too, to all: who
 * comes late would otherwise wait for a change. Bounded: the topic that was silent for longest is forgotten first, and its next
 * message goes through.
 */
public final class ChangesOnly {
    static final int TOPICS_MAX = 10_000;
    static final long BYTES_MAX = 8 << 20;

    private final List<TopicFilter> filters;
    /** The one that changed last is the last. */
    private final Map<TopicName, ApplicationMessage> last = new LinkedHashMap<>();

    private long bytes;
    private @Nullable TopicName newest;

    /** @param filters of which topics; none is shared */
    public ChangesOnly(List<TopicFilter> filters) {
        this.filters = List.copyOf(filters);
        for (TopicFilter filter : filters)
            if (filter.isShared()) throw new IllegalArgumentException(filter + " is shared");
    }

    /** Whether it is to be routed. One that is to be retained, while the last was not, is; so is whatever clears a topic. */
    boolean isChange(ApplicationMessage message) {
        newest = null;
        if (!isOf(message.topic())) return true;
        ApplicationMessage before = last.remove(message.topic());
        if (before != null) bytes -= before.weight();
        // Nothing is remembered of what was cleared.
        if (message.retain() && message.payload().length == 0) return true;
        boolean changed = before == null
                || message.retain() && !before.retain()
                || !Arrays.equals(before.payload(), message.payload());
        remember(changed || before == null ? message : before);
        if (changed) newest = message.topic();
        return changed;
    }

    /** Somebody subscribed who has not heard what was let through. */
    void subscribed(TopicFilter filter) {
        for (Iterator<ApplicationMessage> each = last.values().iterator(); each.hasNext(); ) {
            ApplicationMessage message = each.next();
            if (!filter.matches(message.topic())) continue;
            bytes -= message.weight();
            each.remove();
        }
    }

    /** The last change came to nothing: its publisher may try again. */
    void refused() {
        ApplicationMessage forgotten = newest == null ? null : last.remove(newest);
        if (forgotten != null) bytes -= forgotten.weight();
        newest = null;
    }

    private boolean isOf(TopicName topic) {
        for (TopicFilter filter : filters) if (filter.matches(topic)) return true;
        return false;
    }

    private void remember(ApplicationMessage message) {
        if (message.weight() > BYTES_MAX) return;
        last.put(message.topic(), message);
        bytes += message.weight();
        Iterator<ApplicationMessage> oldest = last.values().iterator();
        while (last.size() > TOPICS_MAX || bytes > BYTES_MAX) {
            bytes -= oldest.next().weight();
            oldest.remove();
        }
    }
}
