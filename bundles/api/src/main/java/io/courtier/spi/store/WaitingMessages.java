// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait for one session, or are under way to it, in the order of their numbers: three numbers for each, for
 * there may be millions. Not for more than one thread.
 */
public final class WaitingMessages {
    /** @param released PUBREC came: only PUBREL is owed */
    public record Entry(
            long number,
            long message,
            int weight,
            int qos,
            boolean retain,
            boolean released,
            int @Nullable [] subscriptionIdentifiers,
            @Nullable String sharedFilter) {
        public SessionRecord.Queued queued(long session) {
            return new SessionRecord.Queued(
                    session, message, number, weight, qos, retain, subscriptionIdentifiers, sharedFilter);
        }
    }

    private static final long FINISHED = -1;
    private static final int RETAIN = 4;
    private static final int RELEASED = 8;
    private static final int SHARED_SHIFT = 4;
    private static final int SHARED_MAX = 0xFFFF;
    private static final int WEIGHT_SHIFT = 20;
    private static final long[] NONE = {};

    private long[] numbers = NONE;
    private long[] messages = NONE;
    /** The weight, then 16 bits: which shared filter, 0 for none; then four: QoS, retain, released. */
    private long[] rest = NONE;

    private @Nullable Map<Long, int[]> subscriptionIdentifiers;
    /** A session has few of them, and many messages by each. Behind the 65,535th none is remembered. */
    private @Nullable List<String> sharedFilters;

    private @Nullable Map<String, Integer> numbersOfFilters;
    private int from;
    private int to;
    private int finished;

    public int size() {
        return to - from - finished;
    }

    /** The number of the last one that came, finished or not; 0 where there was none. */
    public long lastNumber() {
        return to == 0 ? 0 : numbers[to - 1];
    }

    void add(SessionRecord.Queued queued) {
        // After a restart numbers go on behind the last one that was left, and may be below one that was finished
        // before.
        while (to > from && rest[to - 1] == FINISHED && numbers[to - 1] >= queued.number()) {
            to--;
            finished--;
        }
        if (to == numbers.length) makeRoom();
        numbers[to] = queued.number();
        messages[to] = queued.message();
        rest[to] = (long) queued.weight() << WEIGHT_SHIFT
                | (long) numberOf(queued.sharedFilter()) << SHARED_SHIFT
                | queued.qos()
                | (queued.retain() ? RETAIN : 0);
        to++;
        int[] identifiers = queued.subscriptionIdentifiers();
        if (identifiers == null) return;
        if (subscriptionIdentifiers == null) subscriptionIdentifiers = new HashMap<>();
        subscriptionIdentifiers.put(queued.number(), identifiers);
    }

    private int numberOf(@Nullable String sharedFilter) {
        if (sharedFilter == null) return 0;
        if (sharedFilters == null || numbersOfFilters == null) {
            sharedFilters = new ArrayList<>(2);
            numbersOfFilters = new HashMap<>(2);
        }
        Integer known = numbersOfFilters.get(sharedFilter);
        if (known != null) return known;
        if (sharedFilters.size() == SHARED_MAX) return 0;
        sharedFilters.add(sharedFilter);
        numbersOfFilters.put(sharedFilter, sharedFilters.size());
        return sharedFilters.size();
    }

    void released(long number) {
        int at = find(number);
        if (at >= 0) rest[at] |= RELEASED;
    }

    void finished(long number) {
        int at = find(number);
        if (at < 0) return;
        rest[at] = FINISHED;
        finished++;
        if (subscriptionIdentifiers != null) subscriptionIdentifiers.remove(number);
        while (from < to - 1 && rest[from] == FINISHED) {
            from++;
            finished--;
        }
    }

    /** Where a living one stands, or a negative number. */
    private int find(long number) {
        int at = java.util.Arrays.binarySearch(numbers, from, to, number);
        return at >= 0 && rest[at] != FINISHED ? at : -1;
    }

    private void makeRoom() {
        int living = 0;
        int capacity = Math.max(4, 2 * size());
        long[] newNumbers = new long[capacity];
        long[] newMessages = new long[capacity];
        long[] newRest = new long[capacity];
        for (int i = from; i < to; i++) {
            // The last stays in any case: its number is the last that came.
            if (rest[i] == FINISHED) continue;
            newNumbers[living] = numbers[i];
            newMessages[living] = messages[i];
            newRest[living++] = rest[i];
        }
        numbers = newNumbers;
        messages = newMessages;
        rest = newRest;
        from = 0;
        to = living;
        finished = 0;
    }

    public void forEach(Consumer<Entry> visitor) {
        for (int i = from; i < to; i++) {
            if (rest[i] == FINISHED) continue;
            int shared = (int) (rest[i] >>> SHARED_SHIFT) & SHARED_MAX;
            visitor.accept(new Entry(
                    numbers[i],
                    messages[i],
                    (int) (rest[i] >>> WEIGHT_SHIFT),
                    (int) (rest[i] & 3),
                    (rest[i] & RETAIN) != 0,
                    (rest[i] & RELEASED) != 0,
                    subscriptionIdentifiers == null ? null : subscriptionIdentifiers.get(numbers[i]),
                    shared == 0 || sharedFilters == null ? null : sharedFilters.get(shared - 1)));
        }
    }

    /** Writes the positions of the messages behind what is there; gives the position behind them. */
    int messages(long[] into, int at) {
        int next = at;
        for (int i = from; i < to; i++) if (rest[i] != FINISHED) into[next++] = messages[i];
        return next;
    }
}
