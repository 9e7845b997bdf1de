// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import io.courtier.protocol.Auth;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.PubAck;
import io.courtier.protocol.PubComp;
import io.courtier.protocol.PubRec;
import io.courtier.protocol.PubRel;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.UnsubAck;
import io.courtier.protocol.Unsubscribe;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of one direction of a connection into packets: feed what arrived, then ask {@link #next} until it has
 * none. The packet found last can be read until the next call of either; for PUBLISH and its answers that needs no objects
 * but topic and payload.
 *
 * <p>Packets that lie in one piece are read in place. The beginning of one that does not is kept here, in an array that
 * grows with what really came, whatever length was announced. After a {@link ProtocolException} the decoder is done: it
 * throws the same again. [MQTT-4.13.1-1]
 *
 * <p>Until a CONNECT was read, or {@link #version(ProtocolVersion)} called, nothing else is a packet [MQTT-3.1.0-1];
 * from then on a CONNECT is a Protocol Error. [MQTT-3.1.0-2]
 */
public final class PacketDecoder {
    private static final byte[] NOTHING = new byte[0];
    /** A tail up to this size is allocated at once; a greater one grows with what it holds. */
    private static final int TAIL_BYTES_AT_ONCE = 4096;

    private final TopicNames topics;
    private final BodyReader body = new BodyReader();
    private int maximumPacketSize;
    private @Nullable ProtocolVersion version;
    private boolean hasProperties;
    private @Nullable ProtocolException failure;

    private byte[] fed = NOTHING;
    private int position;
    private int end;
    private byte[] tail = NOTHING;
    private int tailLength;

    private @Nullable PacketType type;
    private @Nullable ControlPacket packet;
    private int firstByte;
    private int headerSize;
    private int size;
    private int packetIdentifier;
    private int topicAlias;
    private ReasonCode reason = ReasonCode.SUCCESS;
    private Properties properties = Properties.NONE;
    private TopicName topic = TopicName.NONE;

    /** @param maximumPacketSize in bytes, fixed header included: what is larger is refused once its length is read */
    public PacketDecoder(int maximumPacketSize, TopicNames topics) {
        this.maximumPacketSize = maximumPacketSize;
        this.topics = topics;
    }

    /** A decoder that makes every Topic Name afresh. */
    public PacketDecoder(int maximumPacketSize) {
        this(maximumPacketSize, TopicName::decode);
    }

    /** Sets the grammar, where no CONNECT will: in clients, and behind whoever read the CONNECT. */
    public void version(ProtocolVersion version) {
        this.version = version;
        hasProperties = version.hasProperties();
    }

    /** Null before CONNECT. Known also when the rest of a CONNECT was refused, so that the answer has a grammar. */
    public @Nullable ProtocolVersion version() {
        return version;
    }

    public void maximumPacketSize(int bytes) {
        maximumPacketSize = bytes;
    }

    /** Lends bytes until {@link #next} returns null. IllegalStateException while bytes fed before are unread. */
    public void feed(byte[] bytes, int offset, int length) {
        if (position < end) throw new IllegalStateException("fed before all was read");
        if (offset < 0 || length < 0 || length > bytes.length - offset) {
            throw new IllegalArgumentException("no such part of the array");
        }
        fed = bytes;
        position = offset;
        end = offset + length;
    }

    /** The type of the next packet, or null where it needs more bytes. */
    public @Nullable PacketType next() {
        if (failure != null) throw failure;
        type = null;
        packet = null;
        try {
            return tailLength == 0 ? nextInPlace() : nextInTail();
        } catch (ProtocolException refused) {
            failure = refused;
            dropFed();
            dropTail();
            body.release();
            throw refused;
        }
    }

    private @Nullable PacketType nextInPlace() {
        int available = end - position;
        int whole = measure(fed, position, available);
        if (whole == 0 || whole > available) {
            if (available > 0) appendToTail(available, whole);
            return needsMore();
        }
        int at = position;
        position += whole;
        return read(fed, at, whole);
    }

    private @Nullable PacketType nextInTail() {
        int whole = measure(tail, 0, tailLength);
        while (whole == 0) {
            if (position == end) return needsMore();
            appendToTail(1, 0);
            whole = measure(tail, 0, tailLength);
        }
        appendToTail(Math.min(whole - tailLength, end - position), whole);
        if (tailLength < whole) return needsMore();
        byte[] bytes = tail;
        dropTail();
        return read(bytes, 0, whole);
    }

    private @Nullable PacketType needsMore() {
        dropFed();
        body.release();
        return null;
    }

    /**
     * The size of the packet that begins here, or 0 while its fixed header is not complete. Refuses what the fixed header
     * alone gives away.
     */
    private int measure(byte[] bytes, int at, int available) {
        if (available == 0) return 0;
        checkFirstByte(bytes[at] & 0xFF);
        int length = 0;
        for (int i = 1; i <= 4; i++) {
            if (i == available) return 0;
            int b = bytes[at + i];
            length |= (b & 0x7F) << 7 * (i - 1);
            if (b >= 0) {
                if (b == 0 && i > 1) throw new MalformedPacketException("Remaining Length with needless bytes");
                headerSize = i + 1;
                if (length > maximumPacketSize - headerSize) {
                    throw new ProtocolException(ReasonCode.PACKET_TOO_LARGE, "Remaining Length " + length);
                }
                return headerSize + length;
            }
        }
        throw new MalformedPacketException("Remaining Length of more than four bytes");
    }

    private void checkFirstByte(int first) {
        int value = first >> 4;
        if (value == PacketType.PUBLISH.value() && version != null) {
            if ((first & 0b0110) == 0b0110) throw new MalformedPacketException("QoS 3"); // [MQTT-3.3.1-4]
            if ((first & 0b1110) == 0b1000) throw new MalformedPacketException("DUP with QoS 0"); // [MQTT-3.3.1-2]
            return;
        }
        if (value == 0) throw new MalformedPacketException("reserved packet type 0");
        PacketType coming = PacketType.of(value);
        if (version == null) {
            if (coming != PacketType.CONNECT) { // [MQTT-3.1.0-1]
                throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, coming + " before CONNECT");
            }
        } else if (coming == PacketType.CONNECT) { // [MQTT-3.1.0-2]
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "second CONNECT");
        } else if (coming == PacketType.AUTH && !hasProperties) {
            throw new MalformedPacketException("AUTH before MQTT 5");
        }
        int flags = first & 0x0F;
        // MQTT 3.1 marks a repeated SUBSCRIBE, UNSUBSCRIBE or PUBREL with DUP.
        if (version == ProtocolVersion.V3_1 && coming.reservedFlags() != 0) flags &= 0b0111;
        if (flags != coming.reservedFlags()) { // [MQTT-2.1.3-1]
            throw new MalformedPacketException("fixed header flags of " + coming);
        }
    }

    private PacketType read(byte[] bytes, int at, int whole) {
        firstByte = bytes[at];
        size = whole;
        PacketType found = PacketType.of(firstByte >> 4 & 0x0F);
        body.begin(bytes, at + headerSize, at + whole);
        switch (found) {
            case PUBLISH -> readPublish();
            case PUBACK, PUBREC, PUBREL, PUBCOMP -> readAnswer(found);
            default -> readCold(found);
        }
        type = found;
        return found;
    }

    private void readPublish() {
        TopicName name = body.topicName(topics);
        packetIdentifier = (firstByte & 0b0110) == 0 ? 0 : body.packetIdentifier(); // [MQTT-2.2.1-2]
        properties = hasProperties ? body.properties(PacketType.PUBLISH) : Properties.NONE;
        topicAlias = body.topicAlias();
        if (name.length() == 0 && topicAlias == 0) {
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "neither Topic Name nor Topic Alias");
        }
        topic = name;
        reason = ReasonCode.SUCCESS;
    }

    private void readAnswer(PacketType found) {
        packetIdentifier = body.packetIdentifier();
        reason = ReasonCode.SUCCESS;
        properties = Properties.NONE;
        if (hasProperties && body.left() > 0) {
            reason = body.reason(found);
            if (body.left() > 0) properties = body.properties(found);
        }
        body.end();
    }

    private void readCold(PacketType found) {
        ControlPacket made;
        if (found == PacketType.CONNECT) {
            ProtocolVersion asked = ColdPackets.version(body);
            version(asked);
            made = ColdPackets.connect(body, asked);
        } else {
            ProtocolVersion known = version;
            if (known == null) throw new IllegalStateException("checkFirstByte lets no other through");
            made = ColdPackets.read(found, body, known);
        }
        packet = made;
        properties = made.properties();
        packetIdentifier = 0;
        reason = ReasonCode.SUCCESS;
        if (made instanceof Subscribe subscribe) packetIdentifier = subscribe.packetIdentifier();
        else if (made instanceof SubAck ack) packetIdentifier = ack.packetIdentifier();
        else if (made instanceof Unsubscribe unsubscribe) packetIdentifier = unsubscribe.packetIdentifier();
        else if (made instanceof UnsubAck ack) packetIdentifier = ack.packetIdentifier();
        else if (made instanceof ConnAck ack) reason = ack.reason();
        else if (made instanceof Disconnect disconnect) reason = disconnect.reason();
        else if (made instanceof Auth auth) reason = auth.reason();
    }

    /** The bytes of the current packet, fixed header included. */
    public int size() {
        return size;
    }

    /** 0 where the current packet has none. */
    public int packetIdentifier() {
        return packetIdentifier;
    }

    /** SUCCESS where the current packet has none or left it out. */
    public ReasonCode reason() {
        return reason;
    }

    /** Of the current packet; a PUBLISH's without Topic Alias. */
    public Properties properties() {
        return properties;
    }

    /** Of the current PUBLISH, like all that follow up to {@link #topicAlias}. */
    public boolean dup() {
        return (firstByte & 0b1000) != 0;
    }

    public QoS qos() {
        return QoS.of(firstByte >> 1 & 3);
    }

    public boolean retain() {
        return (firstByte & 1) != 0;
    }

    /** {@link TopicName#NONE} where the Topic Alias stands for it. */
    public TopicName topic() {
        return topic;
    }

    /** A fresh copy at every call. */
    public byte[] payload() {
        return body.peekRest();
    }

    public int payloadLength() {
        return body.left();
    }

    /** Only a server may send one. [MQTT-3.3.4-6] */
    public boolean hasSubscriptionIdentifier() {
        return body.hasSubscriptionIdentifier();
    }

    /** 0 where there is none; whether it is within the maximum is the owner's to check. [MQTT-3.3.2-9] */
    public int topicAlias() {
        return topicAlias;
    }

    /** The current packet as a record. A PUBLISH's properties then include its Topic Alias. */
    public ControlPacket packet() {
        ControlPacket made = packet;
        if (made == null) packet = made = record();
        return made;
    }

    private ControlPacket record() {
        PacketType current = type;
        if (current == null) throw new IllegalStateException("no current packet");
        return switch (current) {
            case PUBLISH -> {
                Properties all = topicAlias == 0
                        ? properties
                        : properties.toBuilder()
                                .set(Property.TOPIC_ALIAS, topicAlias)
                                .build();
                yield new Publish(dup(), qos(), retain(), packetIdentifier, topic, payload(), all);
            }
            case PUBACK -> new PubAck(packetIdentifier, reason, properties);
            case PUBREC -> new PubRec(packetIdentifier, reason, properties);
            case PUBREL -> new PubRel(packetIdentifier, reason, properties);
            case PUBCOMP -> new PubComp(packetIdentifier, reason, properties);
            default -> throw new IllegalStateException(current + " was made when it was read");
        };
    }

    /** How many bytes were fed or kept behind the current packet. */
    public int unread() {
        return tailLength + end - position;
    }

    /** Hands over all bytes behind the current packet and is empty then: for a connection that moves to another owner. */
    public byte[] takeUnread() {
        byte[] unread = new byte[unread()];
        System.arraycopy(tail, 0, unread, 0, tailLength);
        System.arraycopy(fed, position, unread, tailLength, end - position);
        dropFed();
        dropTail();
        return unread;
    }

    /** Moves fed bytes to the tail, which grows to the whole packet's size at most (0: not known yet). */
    private void appendToTail(int count, int whole) {
        int needed = tailLength + count;
        if (needed > tail.length) {
            int room = whole == 0 ? 8 : Math.min(whole, Math.max(TAIL_BYTES_AT_ONCE, needed * 2));
            byte[] grown = new byte[room];
            System.arraycopy(tail, 0, grown, 0, tailLength);
            tail = grown;
        }
        System.arraycopy(fed, position, tail, tailLength, count);
        tailLength = needed;
        position += count;
    }

    private void dropFed() {
        fed = NOTHING;
        position = 0;
        end = 0;
    }

    private void dropTail() {
        tail = NOTHING;
        tailLength = 0;
    }
}
