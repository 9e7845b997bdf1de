// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

/**
 * How a journal writes.
 *
 * @param segmentBytes the length at which another file is begun
 * @param pendingBytesMax bytes that may wait for the disk; beyond, nothing new is taken
 * @param freeBytesMin bytes that must stay free on the disk; beyond, nothing new is taken
 * @param sync when what was written is made to outlive the machine
 * @param intervalMillis how often, for {@link Sync#INTERVAL}
 */
public record JournalSettings(
        long segmentBytes, long pendingBytesMax, long freeBytesMin, Sync sync, long intervalMillis) {
    public static final JournalSettings DEFAULT = new JournalSettings(64 << 20, 64 << 20, 64 << 20, Sync.COMMIT, 1_000);

    /** When what was written is made to outlive the machine. */
    public enum Sync {
        /** Before anybody is told: what was acknowledged outlives a power cut. */
        COMMIT,
        /** Now and then: what was acknowledged outlives the process, and a power cut takes the last moments. */
        INTERVAL,
        /** When the system likes: what was acknowledged outlives the process, and a power cut may take anything. */
        NEVER
    }
}
