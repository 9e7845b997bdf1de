// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Will;
import org.jspecify.annotations.Nullable;

/**
 * Messages and wills as stores keep them: one form, whatever the version of MQTT they came by. What reads it must know how
 * long it is, and that it is whole.
 */
public final class StoredMessages {
    private static final int RETAIN = 4;
    private static final int PUBLISHER = 8;
    private static final int EXPIRES = 16;

    private StoredMessages() {}

    public static void write(ApplicationMessage message, ByteBuilder to) {
        String publisher = message.publisher();
        boolean expires = message.expiresAtMillis() != ApplicationMessage.NEVER;
        to.u8(message.qos().value()
                | (message.retain() ? RETAIN : 0)
                | (publisher == null ? 0 : PUBLISHER)
                | (expires ? EXPIRES : 0));
        to.binary(message.topic().utf8());
        if (publisher != null) to.utf8(publisher);
        if (expires) to.u32(message.expiresAtMillis() >>> 32).u32(message.expiresAtMillis());
        PropertySection.write(message.properties(), null, null, to);
        to.raw(message.payload(), 0, message.payload().length);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @param topics null: a Topic Name of its own for each
     * @throws MalformedPacketException where it is not that
     */
    public static ApplicationMessage read(byte[] bytes, int offset, int length, @Nullable TopicNames topics) {
        BodyReader body = new BodyReader();
        body.begin(bytes, offset, offset + length);
        int flags = body.u8();
        TopicName topic = body.topicName(topics);
        String publisher = (flags & PUBLISHER) != 0 ? body.string() : null;
        long expiresAtMillis = (flags & EXPIRES) != 0 ? body.u32() << 32 | body.u32() : ApplicationMessage.NEVER;
        Properties properties = body.properties(PacketType.PUBLISH);
        return new ApplicationMessage(
                topic, body.rest(), qos(flags), (flags & RETAIN) != 0, properties, publisher, expiresAtMillis);
    }

    public static void write(Will will, ByteBuilder to) {
        to.u8(will.qos().value() | (will.retain() ? RETAIN : 0));
        to.binary(will.topic().utf8());
        PropertySection.write(will.properties(), null, null, to);
        to.raw(will.payload(), 0, will.payload().length);
    }

    /** Reads a will. @throws MalformedPacketException where it is none */
    public static Will readWill(byte[] bytes, int offset, int length) {
        BodyReader body = new BodyReader();
        body.begin(bytes, offset, offset + length);
        int flags = body.u8();
        TopicName topic = body.topicName(null);
        Properties properties = body.willProperties();
        return new Will(topic, body.rest(), qos(flags), (flags & RETAIN) != 0, properties);
    }

    private static QoS qos(int flags) {
        if ((flags & 3) == 3) throw new MalformedPacketException("QoS 3");
        return QoS.of(flags & 3);
    }
}
