// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.connection;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What Jetty read and the loop has not taken yet: the payloads of many frames, joined. Jetty's threads put, the loop takes;
 * each under the lock of the connection.
 */
final class Inbox {
    /** Jetty is asked for more only while there is less than this. */
    static final int BYTES_MAX = 64 * 1024;

    private static final int FIRST_BYTES_MIN = 512;

    private byte @Nullable [] bytes;
    private int length;
    private int lastLength;

    void put(ByteBuffer payload) {
        int more = payload.remaining();
        byte[] array = bytes;
        if (array == null) {
            array = new byte[Math.max(more, Math.max(FIRST_BYTES_MIN, lastLength))];
            bytes = array;
        } else if (array.length - length < more) {
            array = Arrays.copyOf(array, Math.max(length + more, Math.min(array.length * 2, BYTES_MAX)));
            bytes = array;
        }
        payload.get(array, length, more);
        length += more;
    }

    boolean isFull() {
        return length >= BYTES_MAX;
    }

    int length() {
        return length;
    }

    /** All of it; what is put from now on goes into another array. Null for nothing. */
    byte @Nullable [] take() {
        byte[] taken = bytes;
        lastLength = Math.min(length, BYTES_MAX);
        bytes = null;
        length = 0;
        return taken;
    }
}
