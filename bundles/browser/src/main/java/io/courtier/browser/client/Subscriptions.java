// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.UnsubAck;
import io.courtier.protocol.Unsubscribe;
import io.courtier.protocol.codec.ProtocolException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the application wants to receive, and how far the server knows: asked again when a connection was lost before the
 * answer, and at a new session. A subscription is had whole or not at all: where one filter is refused, the others are given
 * back.
 */
final class Subscriptions {
    /** Filters that are to go, until UNSUBACK. */
    private static final class Leaving {
        final List<String> filters;
        final long record;
        Reply reply;
        int packetIdentifier;

        Leaving(List<String> filters, long record, Reply reply) {
            this.filters = filters;
            this.record = record;
            this.reply = reply;
        }
    }

    private final int max;
    private final Records records;
    private final PacketIdentifiers identifiers;
    private final Turn turn;
    private final ClientHost host;
    private final Map<Integer, Subscription> all = new LinkedHashMap<>();
    private final List<Leaving> leaving = new ArrayList<>();
    /** Packet Identifiers of SUBSCRIBEs whose answers interest nobody any more. */
    private final Set<Integer> abandoned = new HashSet<>();

    private int last;

    Subscriptions(int max, Records records, PacketIdentifiers identifiers, Turn turn, ClientHost host) {
        this.max = max;
        this.records = records;
        this.identifiers = identifiers;
        this.turn = turn;
        this.host = host;
    }

    int count() {
        return all.size();
    }

    void restore(Subscription subscription, boolean leaves) {
        last = Math.max(last, subscription.number);
        if (leaves) leaving.add(new Leaving(names(subscription), subscription.record, Reply.NONE));
        else all.put(subscription.number, subscription);
    }

    /** Gives its number, or 0 where it failed at once. */
    int add(List<Subscribe.Request> requests, Properties properties, Reply reply, @Nullable Link link) {
        Failure failure = refuse(requests);
        if (failure != null) {
            turn.tell(() -> reply.failed(failure));
            return 0;
        }
        Subscription made = new Subscription(++last, requests, properties, reply);
        // What the page had asked for before it was killed, and asks for again, is one.
        for (Subscription each : new ArrayList<>(all.values())) {
            if (each.restored && covers(made, each)) forget(each);
        }
        made.record = records.number();
        all.put(made.number, made);
        records.subscription(made.record, made, false);
        if (link != null) ask(made, link);
        return made.number;
    }

    private @Nullable Failure refuse(List<Subscribe.Request> requests) {
        if (requests.isEmpty()) return Failure.of(Failure.Kind.INVALID, "no Topic Filter");
        if (all.size() + leaving.size() >= max) {
            return Failure.of(Failure.Kind.FULL, ReasonCode.QUOTA_EXCEEDED, "more than " + max + " subscriptions");
        }
        for (Subscribe.Request request : requests) {
            TopicFilter filter = TopicFilter.parse(request.topicFilter());
            if (filter == null) {
                return Failure.of(
                        Failure.Kind.INVALID,
                        ReasonCode.TOPIC_FILTER_INVALID,
                        "not a Topic Filter: " + request.topicFilter());
            }
            if (filter.isShared() && request.options().noLocal()) { // [MQTT-3.8.3-4]
                return Failure.of(Failure.Kind.INVALID, "No Local on a Shared Subscription: " + filter);
            }
        }
        return null;
    }

    private static boolean covers(Subscription wide, Subscription narrow) {
        for (TopicFilter filter : narrow.filters) if (!wide.hasFilter(filter.toString())) return false;
        return true;
    }

    private static List<String> names(Subscription subscription) {
        List<String> names = new ArrayList<>();
        for (TopicFilter filter : subscription.filters) names.add(filter.toString());
        return names;
    }

    private void forget(Subscription subscription) {
        all.remove(subscription.number);
        if (subscription.packetIdentifier != 0) abandoned.add(subscription.packetIdentifier);
        records.delete(subscription.record);
    }

    private void ask(Subscription subscription, Link link) {
        for (TopicFilter filter : subscription.filters) {
            ReasonCode refused = link.limits().refuses(filter);
            if (refused != null) {
                refused(subscription, refused, filter + ": " + refused.text(), Properties.NONE);
                return;
            }
        }
        Properties properties = Properties.NONE;
        if (link.v5()) {
            Properties.Builder builder = subscription.properties.toBuilder().without(Property.SUBSCRIPTION_IDENTIFIER);
            if (link.limits().identifiers()) builder.set(Property.SUBSCRIPTION_IDENTIFIER, subscription.identifier);
            properties = builder.build();
        }
        subscription.packetIdentifier = identifiers.take();
        if (!link.send(new Subscribe(subscription.packetIdentifier, subscription.requests, properties))) {
            identifiers.free(subscription.packetIdentifier);
            subscription.packetIdentifier = 0;
            refused(subscription, ReasonCode.PACKET_TOO_LARGE, ReasonCode.PACKET_TOO_LARGE.text(), Properties.NONE);
        }
    }

    private void refused(Subscription subscription, ReasonCode reason, String text, Properties properties) {
        forget(subscription);
        Reply reply = subscription.reply;
        if (subscription.again) turn.tell(() -> host.subscriptionLost(subscription.number, reason));
        else turn.tell(() -> reply.failed(new Failure(Failure.Kind.REFUSED, reason, text, properties)));
    }

    void acknowledged(SubAck ack, Link link) {
        for (Subscription each : all.values()) {
            if (each.packetIdentifier == ack.packetIdentifier()) {
                acknowledged(each, ack, link);
                return;
            }
        }
        if (!abandoned.remove(ack.packetIdentifier())) {
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "SUBACK that nobody waits for");
        }
        identifiers.free(ack.packetIdentifier());
    }

    private void acknowledged(Subscription subscription, SubAck ack, Link link) {
        if (ack.reasons().size() != subscription.requests.size()) {
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "SUBACK with another number of reasons");
        }
        identifiers.free(subscription.packetIdentifier);
        subscription.packetIdentifier = 0;
        List<String> granted = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        ReasonCode error = null;
        for (int i = 0; i < ack.reasons().size(); i++) {
            ReasonCode reason = ack.reasons().get(i);
            String filter = subscription.requests.get(i).topicFilter();
            if (!reason.isError()) {
                granted.add(filter);
                continue;
            }
            if (error == null) error = reason;
            text.append(text.length() == 0 ? "" : ", ")
                    .append(filter)
                    .append(": ")
                    .append(reason.text());
        }
        if (error != null) {
            refused(subscription, error, text.toString(), ack.properties());
            List<String> back = notHeld(granted);
            if (!back.isEmpty()) leave(new Leaving(back, 0, Reply.NONE), link);
            return;
        }
        Reply reply = subscription.reply;
        subscription.reply = Reply.NONE;
        subscription.granted = true;
        subscription.again = true;
        records.subscription(subscription.record, subscription, false);
        turn.tell(() -> reply.done(ack.reasons(), ack.properties()));
    }

    /** Filters that no other subscription has. */
    private List<String> notHeld(List<String> filters) {
        List<String> alone = new ArrayList<>();
        for (String filter : filters) {
            boolean held = false;
            for (Subscription each : all.values()) held |= each.hasFilter(filter);
            if (!held) alone.add(filter);
        }
        return alone;
    }

    void remove(int number, Reply reply, @Nullable Link link) {
        Subscription gone = all.remove(number);
        if (gone != null && gone.packetIdentifier != 0) abandoned.add(gone.packetIdentifier);
        List<String> alone = gone == null ? List.of() : notHeld(names(gone));
        if (gone == null || alone.isEmpty()) {
            if (gone != null) records.delete(gone.record);
            turn.tell(() -> reply.done(List.of(ReasonCode.SUCCESS), Properties.NONE));
            return;
        }
        Reply unanswered = gone.reply;
        if (!gone.granted && !gone.restored) {
            turn.tell(() -> unanswered.failed(Failure.of(Failure.Kind.ENDED, "unsubscribed before the answer came")));
        }
        records.subscription(gone.record, gone, true);
        Leaving made = new Leaving(alone, gone.record, reply);
        leave(made, link);
    }

    private void leave(Leaving made, @Nullable Link link) {
        leaving.add(made);
        if (link != null) ask(made, link);
    }

    private void ask(Leaving asked, Link link) {
        asked.packetIdentifier = identifiers.take();
        // A filter that fitted a SUBSCRIBE fits an UNSUBSCRIBE.
        link.send(new Unsubscribe(asked.packetIdentifier, asked.filters, Properties.NONE));
    }

    void acknowledged(UnsubAck ack) {
        for (Leaving each : leaving) {
            if (each.packetIdentifier != ack.packetIdentifier()) continue;
            leaving.remove(each);
            identifiers.free(each.packetIdentifier);
            gone(each, ack.reasons(), ack.properties());
            return;
        }
        throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "UNSUBACK that nobody waits for");
    }

    private void gone(Leaving left, List<ReasonCode> reasons, Properties properties) {
        records.delete(left.record);
        ReasonCode error = null;
        for (ReasonCode reason : reasons) if (reason.isError() && error == null) error = reason;
        ReasonCode refused = error;
        turn.tell(() -> {
            if (refused == null) left.reply.done(reasons.isEmpty() ? List.of(ReasonCode.SUCCESS) : reasons, properties);
            else left.reply.failed(new Failure(Failure.Kind.REFUSED, refused, refused.text(), properties));
        });
    }

    /** What was under way gets no answer any more. */
    void lost() {
        for (int each : abandoned) identifiers.free(each);
        abandoned.clear();
        for (Subscription each : all.values()) {
            if (each.packetIdentifier != 0) identifiers.free(each.packetIdentifier);
            each.packetIdentifier = 0;
        }
        for (Leaving each : leaving) {
            if (each.packetIdentifier != 0) identifiers.free(each.packetIdentifier);
            each.packetIdentifier = 0;
        }
    }

    /** Asks for what the session on the server does not have. */
    void connected(Link link, boolean sessionPresent) {
        for (Leaving each : new ArrayList<>(leaving)) {
            if (sessionPresent) {
                ask(each, link);
            } else {
                leaving.remove(each);
                gone(each, List.of(ReasonCode.NO_SUBSCRIPTION_EXISTED), Properties.NONE);
            }
        }
        for (Subscription each : new ArrayList<>(all.values())) {
            if (!sessionPresent) each.granted = false;
            if (!each.granted) ask(each, link);
        }
    }

    /**
     * Whom a message is for: by its Subscription Identifiers, and whoever else has the filters that they stand for; where
     * they tell nothing, by the filters.
     */
    List<Integer> matching(TopicName topic, Properties properties) {
        List<Integer> found = new ArrayList<>();
        List<String> named = new ArrayList<>();
        for (int i = 0; i < properties.size(); i++) {
            if (properties.name(i) != Property.SUBSCRIPTION_IDENTIFIER) continue;
            long identifier = (Long) properties.value(i);
            for (Subscription each : all.values()) {
                if (each.identifier != identifier) continue;
                for (TopicFilter filter : each.filters) if (filter.matches(topic)) named.add(filter.toString());
            }
        }
        for (Subscription each : all.values()) {
            for (TopicFilter filter : each.filters) {
                if (named.isEmpty() ? filter.matches(topic) : named.contains(filter.toString())) {
                    found.add(each.number);
                    break;
                }
            }
        }
        return found;
    }

    boolean isFor(int number, TopicName topic) {
        Subscription subscription = all.get(number);
        if (subscription == null) return false;
        for (TopicFilter filter : subscription.filters) if (filter.matches(topic)) return true;
        return false;
    }

    /** Nobody will be answered any more. */
    void end(Failure why) {
        for (Subscription each : all.values()) {
            Reply reply = each.reply;
            each.reply = Reply.NONE;
            if (!each.again) turn.tell(() -> reply.failed(why));
        }
        for (Leaving each : leaving) {
            Reply reply = each.reply;
            each.reply = Reply.NONE;
            turn.tell(() -> reply.failed(why));
        }
    }
}
