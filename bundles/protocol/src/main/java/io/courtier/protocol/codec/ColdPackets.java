// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import io.courtier.protocol.Auth;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.PingReq;
import io.courtier.protocol.PingResp;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.RetainHandling;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.UnsubAck;
import io.courtier.protocol.Unsubscribe;
import io.courtier.protocol.Will;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The grammar of the packets that come once in a while: each is read as a whole into its record. */
final class ColdPackets {
    private ColdPackets() {}

    /** Protocol Name and Protocol Version of a CONNECT: all that can be said before its grammar is known. */
    static ProtocolVersion version(BodyReader body) {
        boolean mqtt = body.skips("MQTT");
        // No client of ours: there is nobody to answer. [MQTT-3.1.2-1]
        if (!mqtt && !body.skips("MQIsdp")) throw new MalformedPacketException("Protocol Name");
        int level = body.u8();
        if (mqtt && level == 5) return ProtocolVersion.V5;
        if (mqtt && level == 4) return ProtocolVersion.V3_1_1;
        if (!mqtt && level == 3) return ProtocolVersion.V3_1;
        throw new ProtocolException(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION, "Protocol Version " + level);
    }

    /** All that follows the Protocol Version. */
    static Connect connect(BodyReader body, ProtocolVersion version) {
        int flags = body.u8();
        boolean withWill = (flags & 0b100) != 0;
        int willQoS = flags >> 3 & 3;
        boolean withPassword = (flags & 0x40) != 0;
        boolean withUserName = (flags & 0x80) != 0;
        if ((flags & 1) != 0) throw new MalformedPacketException("reserved Connect Flag"); // [MQTT-3.1.2-3]
        if (willQoS == 3) throw new MalformedPacketException("Will QoS 3"); // [MQTT-3.1.2-12]
        if (!withWill && (flags & 0b111000) != 0) {
            throw new MalformedPacketException("Will QoS or Will Retain without Will Flag"); // [MQTT-3.1.2-11]
        }
        if (withPassword && !withUserName && !version.hasProperties()) {
            throw new MalformedPacketException("Password without User Name");
        }
        int keepAliveSeconds = body.u16();
        Properties properties = version.hasProperties() ? body.properties(PacketType.CONNECT) : Properties.NONE;
        String clientIdentifier = body.string();
        Will will = withWill ? will(body, version, QoS.of(willQoS), (flags & 0b100000) != 0) : null;
        // MQTT 3.1 lets the Remaining Length win over these two flags, for the sake of clients older still.
        boolean mayLack = version == ProtocolVersion.V3_1;
        String userName = withUserName && !(mayLack && body.left() == 0) ? body.string() : null;
        byte[] password = withPassword && !(mayLack && body.left() == 0) ? body.binary() : null;
        body.end();
        return new Connect(
                version, clientIdentifier, (flags & 0b10) != 0, keepAliveSeconds, will, userName, password, properties);
    }

    private static Will will(BodyReader body, ProtocolVersion version, QoS qos, boolean retain) {
        Properties properties = version.hasProperties() ? body.willProperties() : Properties.NONE;
        TopicName topic = body.topicName(null);
        if (topic.length() == 0) throw new ProtocolException(ReasonCode.TOPIC_NAME_INVALID, "empty Will Topic");
        return new Will(topic, body.binary(), qos, retain, properties);
    }

    /** Any type but PUBLISH, its four answers and CONNECT. */
    static ControlPacket read(PacketType type, BodyReader body, ProtocolVersion version) {
        ControlPacket packet =
                switch (type) {
                    case CONNACK -> connAck(body, version);
                    case SUBSCRIBE -> subscribe(body, version);
                    case SUBACK -> subAck(body, version);
                    case UNSUBSCRIBE -> unsubscribe(body, version);
                    case UNSUBACK -> unsubAck(body, version);
                    case PINGREQ -> new PingReq();
                    case PINGRESP -> new PingResp();
                    case DISCONNECT -> disconnect(body, version);
                    case AUTH -> auth(body);
                    default -> throw new IllegalStateException(type + " is read elsewhere");
                };
        body.end();
        return packet;
    }

    private static ConnAck connAck(BodyReader body, ProtocolVersion version) {
        int flags = body.u8();
        // MQTT 3.1 had no Session Present and left the byte undefined.
        if (version == ProtocolVersion.V3_1) flags = 0;
        if (flags > 1) throw new MalformedPacketException("Connect Acknowledge Flags"); // [MQTT-3.2.2-1]
        ReasonCode reason = version.hasProperties() ? body.reason(PacketType.CONNACK) : returnCode(body.u8());
        if (flags == 1 && reason.isError()) { // [MQTT-3.2.2-6]
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "Session Present in a refusal");
        }
        return new ConnAck(flags == 1, reason, properties(PacketType.CONNACK, body, version));
    }

    private static ReasonCode returnCode(int code) {
        return switch (code) {
            case 0 -> ReasonCode.SUCCESS;
            case 1 -> ReasonCode.UNSUPPORTED_PROTOCOL_VERSION;
            case 2 -> ReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
            case 3 -> ReasonCode.SERVER_UNAVAILABLE;
            case 4 -> ReasonCode.BAD_USER_NAME_OR_PASSWORD;
            case 5 -> ReasonCode.NOT_AUTHORIZED;
            default -> throw new MalformedPacketException("return code " + code);
        };
    }

    private static Subscribe subscribe(BodyReader body, ProtocolVersion version) {
        int identifier = body.packetIdentifier();
        Properties properties = properties(PacketType.SUBSCRIBE, body, version);
        List<Subscribe.Request> requests = new ArrayList<>();
        while (body.left() > 0) {
            String filter = body.string();
            requests.add(new Subscribe.Request(filter, options(body.u8(), filter, version)));
        }
        requireSome(requests, "SUBSCRIBE without a Topic Filter"); // [MQTT-3.8.3-2]
        return new Subscribe(identifier, Collections.unmodifiableList(requests), properties);
    }

    private static SubscriptionOptions options(int options, String filter, ProtocolVersion version) {
        int reserved = version.hasProperties() ? 0b1100_0000 : 0b1111_1100;
        if ((options & reserved) != 0) throw new MalformedPacketException("reserved Subscription Options");
        if ((options & 3) == 3) throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "Maximum QoS 3");
        if ((options >> 4 & 3) == 3) throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "Retain Handling 3");
        boolean noLocal = (options & 0b100) != 0;
        if (noLocal && filter.startsWith("$share/")) { // [MQTT-3.8.3-4]
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "No Local on a Shared Subscription");
        }
        return new SubscriptionOptions(
                QoS.of(options & 3), noLocal, (options & 0b1000) != 0, RetainHandling.of(options >> 4 & 3));
    }

    private static SubAck subAck(BodyReader body, ProtocolVersion version) {
        int identifier = body.packetIdentifier();
        Properties properties = properties(PacketType.SUBACK, body, version);
        List<ReasonCode> reasons = reasons(PacketType.SUBACK, body);
        if (!version.hasProperties()) {
            for (ReasonCode reason : reasons) {
                if (reason.code() > ReasonCode.UNSPECIFIED_ERROR.code()) {
                    throw new MalformedPacketException("return code " + reason.code());
                }
            }
        }
        return new SubAck(identifier, reasons, properties);
    }

    private static Unsubscribe unsubscribe(BodyReader body, ProtocolVersion version) {
        int identifier = body.packetIdentifier();
        Properties properties = properties(PacketType.UNSUBSCRIBE, body, version);
        List<String> filters = new ArrayList<>();
        while (body.left() > 0) filters.add(body.string());
        requireSome(filters, "UNSUBSCRIBE without a Topic Filter"); // [MQTT-3.10.3-2]
        return new Unsubscribe(identifier, Collections.unmodifiableList(filters), properties);
    }

    private static UnsubAck unsubAck(BodyReader body, ProtocolVersion version) {
        int identifier = body.packetIdentifier();
        if (!version.hasProperties()) return new UnsubAck(identifier, List.of(), Properties.NONE);
        Properties properties = body.properties(PacketType.UNSUBACK);
        return new UnsubAck(identifier, reasons(PacketType.UNSUBACK, body), properties);
    }

    private static Disconnect disconnect(BodyReader body, ProtocolVersion version) {
        if (!version.hasProperties() || body.left() == 0) return new Disconnect(ReasonCode.SUCCESS, Properties.NONE);
        ReasonCode reason = body.reason(PacketType.DISCONNECT);
        return new Disconnect(reason, body.left() == 0 ? Properties.NONE : body.properties(PacketType.DISCONNECT));
    }

    /** Success without properties may be left out; everything else needs an Authentication Method. */
    private static Auth auth(BodyReader body) {
        if (body.left() == 0) return new Auth(ReasonCode.SUCCESS, Properties.NONE);
        ReasonCode reason = body.reason(PacketType.AUTH);
        Properties properties = body.properties(PacketType.AUTH);
        boolean bare = reason == ReasonCode.SUCCESS && properties.isEmpty();
        if (!bare && !properties.has(Property.AUTHENTICATION_METHOD)) {
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "AUTH without Authentication Method");
        }
        return new Auth(reason, properties);
    }

    private static Properties properties(PacketType type, BodyReader body, ProtocolVersion version) {
        return version.hasProperties() ? body.properties(type) : Properties.NONE;
    }

    private static List<ReasonCode> reasons(PacketType type, BodyReader body) {
        List<ReasonCode> reasons = new ArrayList<>();
        while (body.left() > 0) reasons.add(body.reason(type));
        requireSome(reasons, type + " without a Reason Code");
        return Collections.unmodifiableList(reasons);
    }

    private static void requireSome(List<?> list, String otherwise) {
        if (list.isEmpty()) throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, otherwise);
    }
}
