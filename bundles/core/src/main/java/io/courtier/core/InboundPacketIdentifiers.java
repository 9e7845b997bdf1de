// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

/**
 * Packet Identifiers of QoS 2 messages that came and whose PUBREL did not: a set of 1 to 65,535 in an open-addressed table
 * of chars, since nearly all are small and few. [MQTT-4.3.3-10]
 */
final class InboundPacketIdentifiers {
    private char[] table = new char[8];
    private int size;

    int size() {
        return size;
    }

    boolean contains(int identifier) {
        return table[find(identifier)] != 0;
    }

    /** False: it was there already. */
    boolean add(int identifier) {
        int at = find(identifier);
        if (table[at] != 0) return false;
        table[at] = (char) identifier;
        if (++size * 2 > table.length) grow();
        return true;
    }

    /** False: it was not there. */
    boolean remove(int identifier) {
        int mask = table.length - 1;
        int hole = find(identifier);
        if (table[hole] == 0) return false;
        size--;
        // Close the hole: whoever stands behind it and would rather stand in it moves up.
        for (int at = hole + 1 & mask; table[at] != 0; at = at + 1 & mask) {
            int home = table[at] & mask;
            if ((at - home & mask) >= (at - hole & mask)) {
                table[hole] = table[at];
                hole = at;
            }
        }
        table[hole] = 0;
        return true;
    }

    private int find(int identifier) {
        int mask = table.length - 1;
        int at = identifier & mask;
        while (table[at] != 0 && table[at] != identifier) at = at + 1 & mask;
        return at;
    }

    private void grow() {
        char[] old = table;
        table = new char[old.length * 2];
        for (char identifier : old) if (identifier != 0) table[find(identifier)] = identifier;
    }
}
