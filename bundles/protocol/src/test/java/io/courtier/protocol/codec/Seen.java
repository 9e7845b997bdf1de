// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.UnsubAck;
import io.courtier.protocol.Unsubscribe;
import io.courtier.protocol.UserProperty;
import io.courtier.protocol.Will;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Everything that can be seen of a packet, as text, so that two can be compared and read. */
final class Seen {
    private Seen() {}

    /** The next outcome of a decoder: "more", a Reason Code in hex, or type and content. */
    static String next(PacketDecoder decoder) {
        try {
            PacketType type = decoder.next();
            return type == null ? "more" : type + " " + facts(decoder);
        } catch (ProtocolException refused) {
            return hex(refused.reason());
        }
    }

    /** What a decoder shows of its current packet. */
    static Map<String, String> facts(PacketDecoder decoder) {
        Map<String, String> facts = new LinkedHashMap<>();
        ControlPacket packet = decoder.packet();
        facts.put("id", "" + decoder.packetIdentifier());
        facts.put("reason", hex(decoder.reason()));
        facts.put("props", text(decoder.properties()));
        facts.put("size", "" + decoder.size());
        if (packet.type() == PacketType.PUBLISH) {
            facts.put("dup", "" + decoder.dup());
            facts.put("qos", "" + decoder.qos().value());
            facts.put("retain", "" + decoder.retain());
            facts.put("topic", escaped(decoder.topic().toString()));
            facts.put("alias", "" + decoder.topicAlias());
            facts.put("payload", new String(decoder.payload(), StandardCharsets.ISO_8859_1));
            facts.put("hasSubscriptionIdentifier", "" + decoder.hasSubscriptionIdentifier());
        } else if (packet instanceof Connect connect) {
            facts.put("version", "" + connect.version());
            facts.put("client", escaped(connect.clientIdentifier()));
            facts.put("clean", "" + connect.cleanStart());
            facts.put("keepAlive", "" + connect.keepAliveSeconds());
            Will will = connect.will();
            if (will != null) {
                facts.put(
                        "will",
                        will.topic() + ":" + hex(will.payload()) + ":"
                                + will.qos().value() + ":" + will.retain());
                facts.put("willProps", text(will.properties()));
            }
            facts.put("user", "" + connect.userName());
            facts.put("password", connect.password() == null ? "null" : hex(connect.password()));
        } else if (packet instanceof ConnAck ack) {
            facts.put("sessionPresent", "" + ack.sessionPresent());
        } else if (packet instanceof Subscribe subscribe) {
            facts.put(
                    "requests",
                    subscribe.requests().stream()
                            .map(each -> each.topicFilter() + ":" + bits(each.options()))
                            .collect(Collectors.joining(",")));
        } else if (packet instanceof SubAck ack) {
            facts.put("reasons", codes(ack.reasons()));
        } else if (packet instanceof Unsubscribe unsubscribe) {
            facts.put("filters", String.join(",", unsubscribe.topicFilters()));
        } else if (packet instanceof UnsubAck ack) {
            facts.put("reasons", codes(ack.reasons()));
        }
        return facts;
    }

    static String text(Properties properties) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < properties.size(); i++) {
            Object value = properties.value(i);
            if (i > 0) text.append(';');
            text.append(properties.name(i)).append('=');
            if (value instanceof byte[] bytes) text.append(hex(bytes));
            else if (value instanceof UserProperty pair) text.append(pair.name() + ":" + pair.value());
            else text.append(value);
        }
        return text.toString();
    }

    static String hex(ReasonCode reason) {
        return "0x" + HexFormat.of().withUpperCase().toHexDigits((byte) reason.code());
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().withUpperCase().formatHex(bytes);
    }

    private static String codes(List<ReasonCode> reasons) {
        return reasons.stream().map(each -> "" + each.code()).collect(Collectors.joining(","));
    }

    private static int bits(SubscriptionOptions options) {
        return options.maximumQoS().value()
                | (options.noLocal() ? 4 : 0)
                | (options.retainAsPublished() ? 8 : 0)
                | options.retainHandling().value() << 4;
    }

    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (char c : text.toCharArray()) {
            if (c < 0x7F) escaped.append(c);
            else escaped.append("\\u").append(HexFormat.of().withUpperCase().toHexDigits(c));
        }
        return escaped.toString();
    }
}
