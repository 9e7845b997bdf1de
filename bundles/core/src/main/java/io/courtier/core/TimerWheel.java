// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import org.jspecify.annotations.Nullable;

/**
 * Timers of a shard, by the tick of 2^26 ns (67 ms). Setting and cancelling cost a few assignments; a timer fires at the
 * first {@link #advance} after its deadline, at most one tick late.
 */
final class TimerWheel {
    private static final int TICK_SHIFT = 26;
    private static final int SLOTS = 1_024;

    private final @Nullable Timer[] slots = new Timer[SLOTS];
    private final long originNanos;
    private long tick;
    private int count;

    TimerWheel(long nowNanos) {
        originNanos = nowNanos;
    }

    /** Sets or resets a timer. */
    void set(Timer timer, long deadlineNanos) {
        cancel(timer);
        long deadline = (deadlineNanos - originNanos >> TICK_SHIFT) + 1;
        timer.deadlineTick = Math.max(deadline, tick + 1);
        int slot = (int) (timer.deadlineTick & SLOTS - 1);
        Timer head = slots[slot];
        timer.slot = slot;
        timer.previous = null;
        timer.next = head;
        if (head != null) head.previous = timer;
        slots[slot] = timer;
        count++;
    }

    void cancel(Timer timer) {
        if (timer.slot < 0) return;
        if (timer.previous != null) timer.previous.next = timer.next;
        else slots[timer.slot] = timer.next;
        if (timer.next != null) timer.next.previous = timer.previous;
        timer.next = null;
        timer.previous = null;
        timer.slot = -1;
        count--;
    }

    /** Fires what is due. One that breaks keeps no other from its time; its exception is thrown in the end. */
    void advance(long nowNanos) {
        long target = nowNanos - originNanos >> TICK_SHIFT;
        if (target <= tick) return;
        // After a long pause each slot is looked at once, not once for each tick that went by.
        long from = Math.max(tick + 1, target - SLOTS + 1);
        tick = target;
        RuntimeException broken = null;
        for (long t = from; t <= target; t++) {
            int slot = (int) (t & SLOTS - 1);
            Timer timer = slots[slot];
            while (timer != null) {
                if (timer.deadlineTick <= target) {
                    cancel(timer);
                    try {
                        timer.fire();
                    } catch (RuntimeException bug) {
                        broken = bug;
                    }
                    // Anything may have changed the list: begin again. What fired is gone from it, so this ends.
                    timer = slots[slot];
                } else {
                    timer = timer.next;
                }
            }
        }
        if (broken != null) throw broken;
    }

    int count() {
        return count;
    }
}
