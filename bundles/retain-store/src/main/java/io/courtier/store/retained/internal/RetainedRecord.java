// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.retained.internal;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.MalformedPacketException;
import io.courtier.protocol.codec.StoredMessages;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What happened to a topic, as it stands in the journal and in tables: a byte that says which it is, then the message that
 * took the place of the last, or the topic that has none any more. A later version adds kinds and never changes what one
 * means.
 *
 * @param topic in UTF-8
 * @param message null: there is none any more
 */
record RetainedRecord(byte[] topic, @Nullable ApplicationMessage message) {
    private static final int KEPT = 1;
    private static final int REMOVED = 2;

    static void write(ApplicationMessage message, ByteBuilder to) {
        if (message.payload().length == 0) {
            to.u8(REMOVED).raw(message.topic().utf8(), 0, message.topic().utf8().length);
        } else {
            StoredMessages.write(message, to.u8(KEPT));
        }
    }

    /** @throws IOException where it is of a kind that this version does not know; the message is for people */
    static RetainedRecord read(byte[] bytes, int offset, int length) throws IOException {
        int kind = length == 0 ? -1 : bytes[offset];
        if (kind == REMOVED) return new RetainedRecord(Arrays.copyOfRange(bytes, offset + 1, offset + length), null);
        if (kind != KEPT) throw new IOException("a record that this version does not know: of kind " + kind);
        try {
            ApplicationMessage message = StoredMessages.read(bytes, offset + 1, length - 1, null);
            return new RetainedRecord(message.topic().utf8(), message);
        } catch (MalformedPacketException e) {
            throw new IOException("a record that this version does not know: " + e.getMessage(), e);
        }
    }
}
