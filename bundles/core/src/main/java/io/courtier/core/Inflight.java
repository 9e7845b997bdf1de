// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import org.jspecify.annotations.Nullable;

/**
 * QoS 1 and 2 messages that were given a Packet Identifier and are not finished, in the order of sending. A ring: an
 * identifier stands at itself modulo the capacity, so finding it is one comparison and nothing is allocated per message.
 * [MQTT-2.2.1-4] [MQTT-4.4.0-1]
 */
final class Inflight {
    /** What the peer owes us for a message. */
    static final byte FREE = 0;

    static final byte AWAITING_PUBACK = 1;
    static final byte AWAITING_PUBREC = 2;
    static final byte AWAITING_PUBCOMP = 3;

    private @Nullable ApplicationMessage[] messages = new ApplicationMessage[4];
    private char[] identifiers = new char[4];
    private byte[] states = new byte[4];
    private boolean[] retains = new boolean[4];
    private int[] sequences = new int[4];
    /** Made with the first message that has any. */
    private @Nullable Matched @Nullable [] matched;
    /** Of messages that a store keeps: made with the first. */
    private long @Nullable [] numbers;

    private int size;
    private int lastIdentifier;
    private int lastSequence;

    int size() {
        return size;
    }

    /** Gives a message an identifier. Not to be called with 65,535 in flight. */
    int add(ApplicationMessage message, int qos, boolean retain, @Nullable Matched by) {
        if (size == identifiers.length) grow();
        int mask = identifiers.length - 1;
        int identifier = lastIdentifier;
        do {
            identifier = identifier == 65_535 ? 1 : identifier + 1;
        } while (states[identifier & mask] != FREE);
        lastIdentifier = identifier;
        put(identifier, message, qos, retain, by);
        return identifier;
    }

    /** Whether the identifier of a message with a number in its session is in use. */
    boolean isFree(long number) {
        return state(identifierOf(number)) == FREE;
    }

    /** Numbers say identifiers, so that both are the same after a restart. */
    private static int identifierOf(long number) {
        return (int) (number % 65_535) + 1;
    }

    /** Adds a message that a store keeps, under the identifier that its number says, which must be free. */
    int add(long number, @Nullable ApplicationMessage message, int qos, boolean retain, @Nullable Matched by) {
        int identifier = identifierOf(number);
        while (states[identifier & identifiers.length - 1] != FREE) grow();
        put(identifier, message, qos, retain, by);
        if (numbers == null) numbers = new long[identifiers.length];
        numbers[identifier & identifiers.length - 1] = number;
        return identifier;
    }

    /** The number of a message that a store keeps. */
    long number(int identifier) {
        return numbers == null ? 0 : numbers[identifier & identifiers.length - 1];
    }

    private void put(
            int identifier, @Nullable ApplicationMessage message, int qos, boolean retain, @Nullable Matched by) {
        int at = identifier & identifiers.length - 1;
        messages[at] = message;
        identifiers[at] = (char) identifier;
        states[at] = qos == 1 ? AWAITING_PUBACK : AWAITING_PUBREC;
        retains[at] = retain;
        sequences[at] = ++lastSequence;
        if (by != null || matched != null) {
            if (matched == null) matched = new Matched[identifiers.length];
            matched[at] = by;
        }
        size++;
    }

    /** What is owed for an identifier; FREE where it is not in use. */
    byte state(int identifier) {
        int at = identifier & identifiers.length - 1;
        return identifiers[at] == identifier ? states[at] : FREE;
    }

    @Nullable
    ApplicationMessage message(int identifier) {
        return messages[identifier & identifiers.length - 1];
    }

    boolean retain(int identifier) {
        return retains[identifier & identifiers.length - 1];
    }

    /** Whether {@link #matched} may know anything. */
    boolean hasMatched() {
        return matched != null;
    }

    @Nullable
    Matched matched(int identifier) {
        return matched == null ? null : matched[identifier & identifiers.length - 1];
    }

    /** PUBREC came: the message is the peer's now, and only PUBREL may be sent again. [MQTT-4.3.3-7] */
    void released(int identifier) {
        int at = identifier & identifiers.length - 1;
        states[at] = AWAITING_PUBCOMP;
        messages[at] = null;
    }

    /** Finished: the identifier may be used again. */
    void remove(int identifier) {
        int at = identifier & identifiers.length - 1;
        states[at] = FREE;
        messages[at] = null;
        identifiers[at] = 0;
        if (matched != null) matched[at] = null;
        size--;
    }

    /** All identifiers, in the order in which their messages were first sent. */
    int[] inOrder() {
        long[] found = new long[size];
        int n = 0;
        for (int at = 0; at < states.length; at++) {
            // The distance to the last sequence number survives its wrapping round.
            if (states[at] != FREE) found[n++] = (long) (sequences[at] - lastSequence) << 16 | identifiers[at];
        }
        java.util.Arrays.sort(found);
        int[] ordered = new int[n];
        for (int i = 0; i < n; i++) ordered[i] = (int) (found[i] & 0xFFFF);
        return ordered;
    }

    private void grow() {
        int capacity = identifiers.length * 2;
        ApplicationMessage[] newMessages = new ApplicationMessage[capacity];
        char[] newIdentifiers = new char[capacity];
        byte[] newStates = new byte[capacity];
        boolean[] newRetains = new boolean[capacity];
        int[] newSequences = new int[capacity];
        long[] newNumbers = numbers == null ? null : new long[capacity];
        @Nullable Matched[] newMatched = matched == null ? null : new Matched[capacity];
        for (int at = 0; at < identifiers.length; at++) {
            if (states[at] == FREE) continue;
            int to = identifiers[at] & capacity - 1;
            newMessages[to] = messages[at];
            newIdentifiers[to] = identifiers[at];
            newStates[to] = states[at];
            newRetains[to] = retains[at];
            newSequences[to] = sequences[at];
            if (newNumbers != null && numbers != null) newNumbers[to] = numbers[at];
            if (newMatched != null && matched != null) {
                newMatched[to] = matched[at];
            }
        }
        messages = newMessages;
        identifiers = newIdentifiers;
        states = newStates;
        retains = newRetains;
        sequences = newSequences;
        matched = newMatched;
        numbers = newNumbers;
    }
}
