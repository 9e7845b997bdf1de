// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.Utf8;
import io.courtier.protocol.Will;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import io.courtier.spi.store.DurableLog;
import io.courtier.spi.transport.CloseCause;
import org.jspecify.annotations.Nullable;

/** Decides what becomes of a CONNECT: who it is, whether it may, which session it has, and what CONNACK says. */
final class ConnectFlow {
    /** MQTT 3.1 allows no longer Client Identifier. */
    private static final int IDENTIFIER_MAX_V31 = 23;

    private ConnectFlow() {}

    /** Whether an empty client identifier means "choose one for me". [MQTT-3.1.3-6] [MQTT-3.1.3-7] of 3.1.1: clean only. */
    static boolean mayAssignIdentifier(Connect connect) {
        return switch (connect.version()) {
            case V3_1 -> false;
            case V3_1_1 -> connect.cleanStart();
            case V5 -> true;
        };
    }

    static Connect withIdentifier(Connect connect, String identifier) {
        return new Connect(
                connect.version(),
                identifier,
                connect.cleanStart(),
                connect.keepAliveSeconds(),
                connect.will(),
                connect.userName(),
                connect.password(),
                connect.properties());
    }

    /** Begins: checks what can be checked at once, then asks who it is. */
    static void begin(ClientConnection connection, Connect connect, @Nullable String assigned) {
        connection.clientIdentifier = connect.clientIdentifier();
        connection.problemInformation = connect.properties().integer(Property.REQUEST_PROBLEM_INFORMATION, 1) == 1;
        connection.keepAliveSeconds = connect.keepAliveSeconds();
        String problem = identifierProblem(connect, connection.shard.limits());
        if (problem != null) {
            refuse(connection, ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, problem);
            return;
        }
        Limits limits = connection.shard.limits();
        Will will = connect.will();
        if (will != null && will.qos().value() > limits.maximumQoS()) {
            refuse(
                    connection,
                    ReasonCode.QOS_NOT_SUPPORTED,
                    "a will of QoS " + will.qos().value()); // [MQTT-3.2.2-12]
            return;
        }
        if (will != null && will.retain() && !limits.retainAvailable()) {
            refuse(connection, ReasonCode.RETAIN_NOT_SUPPORTED, "a will to be retained"); // [MQTT-3.2.2-13]
            return;
        }
        if (will != null && will.topic().levels().length > limits.topicLevelsMax()) {
            refuse(connection, ReasonCode.TOPIC_NAME_INVALID, "a will with a topic of too many levels");
            return;
        }
        if (connection.shard.turnstile().turnsAway(connection)) return;
        AuthenticationRequest request = new AuthenticationRequest(
                connection.info, connect.version(), connect.clientIdentifier(), connect.userName(), connect.password());
        if (connect.properties().has(Property.AUTHENTICATION_METHOD)) {
            AuthFlow.begin(connection, connect, assigned, request);
            return;
        }
        boolean[] asked = {false};
        connection.shard.plugins().authenticate(request, result -> {
            if (connection.state == ClientConnection.State.AUTHENTICATING) {
                answered(connection, connect, assigned, result, asked[0]);
            }
        });
        asked[0] = true;
        connection.awaitAuthenticator();
    }

    private static @Nullable String identifierProblem(Connect connect, Limits limits) {
        String identifier = connect.clientIdentifier();
        if (identifier.isEmpty()) return "the client identifier is empty"; // [MQTT-3.1.3-8] of 3.1.1
        if (connect.version() == ProtocolVersion.V3_1 && identifier.length() > IDENTIFIER_MAX_V31) {
            return "the client identifier has more than 23 characters";
        }
        if (Utf8.length(identifier) > limits.clientIdentifierBytesMax()) return "the client identifier is too long";
        return null;
    }

    private static void answered(
            ClientConnection connection,
            Connect connect,
            @Nullable String assigned,
            AuthenticationResult result,
            boolean waited) {
        if (result instanceof AuthenticationResult.Allow allow) {
            accept(connection, connect, assigned, allow.principal(), Properties.NONE, waited);
        } else if (result instanceof AuthenticationResult.Deny deny) {
            deny(connection, deny);
        } else {
            refuse(connection, ReasonCode.NOT_AUTHORIZED, "no authenticator knows this client");
        }
    }

    /**
     * Lets a client in: takes its session over, or makes one, and answers. [MQTT-3.1.2-4] [MQTT-3.1.2-5] [MQTT-3.1.4-3]
     *
     * @param authentication properties that end an exchange, or none
     */
    static void accept(
            ClientConnection connection,
            Connect connect,
            @Nullable String assigned,
            Principal principal,
            Properties authentication,
            boolean waited) {
        Shard shard = connection.shard;
        if (shard.turn().epochMillis() >= principal.expiresAtMillis()) {
            refuse(connection, ReasonCode.NOT_AUTHORIZED, "what it came in by has expired");
            return;
        }
        Permissions permissions =
                shard.plugins().permissions(principal, connect.clientIdentifier(), connection.info.listener());
        Will will = connect.will();
        if (will != null && !permissions.mayPublish(will.topic(), will.qos(), will.retain())) {
            refuse(connection, ReasonCode.NOT_AUTHORIZED, "it may not publish its will");
            return;
        }
        Session session = shard.session(connect.clientIdentifier());
        if (session != null && !session.mayBeTakenOverBy(principal)) {
            refuse(connection, ReasonCode.NOT_AUTHORIZED, "its client identifier has a session of another user");
            return;
        }
        boolean keeps = shard.log().keepsSessions() && expirySeconds(connect, shard.limits()) > 0;
        DurableLog.Trouble trouble =
                keeps || session != null && session.isKept() ? shard.log().trouble() : null;
        if (trouble != null) {
            refuse(connection, trouble.reason(), trouble.why());
            return;
        }
        Users.User user = shard.turnstile().admit(connection, session, principal);
        if (user == null) return;
        if (session != null) {
            ClientConnection other = session.connection();
            if (other != null) {
                other.disconnect(ReasonCode.SESSION_TAKEN_OVER, "the client connected again");
                shard.turnstile().tookOver(connect.clientIdentifier());
            }
            // That may have ended the session, if it was to end with its connection.
            session = shard.session(connect.clientIdentifier());
        }
        // What a session that is given up was kept as must be gone before its client is told.
        long promisedAt = DurableLog.NOWHERE;
        if (session != null && connect.cleanStart()) {
            session.end();
            if (session.isKept()) promisedAt = session.writtenAt();
            session = null;
        }
        boolean present = session != null;
        if (session == null) session = shard.newSession(connect.clientIdentifier(), keeps);
        if (session == null) {
            shard.turnstile().leave(user);
            refuse(connection, ReasonCode.QUOTA_EXCEEDED, "too many sessions");
            return;
        }
        Limits limits = shard.limits();
        session.principal = principal;
        // One that is resumed had a place already.
        shard.turnstile().leave(session.user);
        session.user = user;
        // A session that is resumed may have subscriptions that somebody else was allowed, or that nobody is any more.
        session.permit(permissions);
        session.listener = connection.info.listener();
        session.will = will;
        session.expirySeconds = expirySeconds(connect, limits);
        session.taken();
        int keepAliveMax = limits.keepAliveSecondsMax();
        boolean tooLong = connection.keepAliveSeconds == 0 || connection.keepAliveSeconds > keepAliveMax;
        // Before MQTT 5 a client cannot be told, and would be cut off for what it does not know.
        if (connection.isV5() && keepAliveMax < 65_535 && tooLong) connection.keepAliveSeconds = keepAliveMax;
        shard.events().connected(connect.clientIdentifier(), principal.userName(), connect.version(), connection.info);
        Properties properties = connection.isV5()
                ? properties(connection, connect, assigned, session, authentication)
                : Properties.NONE;
        boolean v5 = connection.isV5();
        int aliasesOutbound = v5
                ? (int) Math.min(
                        connect.properties().integer(Property.TOPIC_ALIAS_MAXIMUM, 0),
                        limits.topicAliasMaximumOutbound())
                : 0;
        boolean aliases = v5 && (limits.topicAliasMaximum() > 0 || aliasesOutbound > 0);
        connection.connected(
                session,
                (int) Math.min(limits.inflightMax(), connect.properties().integer(Property.RECEIVE_MAXIMUM, 65_535)),
                connect.properties().integer(Property.MAXIMUM_PACKET_SIZE, Long.MAX_VALUE),
                aliases ? new TopicAliases(limits.topicAliasMaximum(), aliasesOutbound) : null,
                aliasesOutbound > 0);
        if (session.isKept()) promisedAt = session.writtenAt();
        if (!connection.promise(new ConnAck(present, ReasonCode.SUCCESS, properties), promisedAt)) {
            // It would wait for ever. It was never let in, so there is no last will.
            session.discardWill();
            connection.send(new ConnAck(false, ReasonCode.PACKET_TOO_LARGE, Properties.NONE));
            connection.finish(
                    CloseCause.SERVER_DISCONNECTED,
                    ReasonCode.PACKET_TOO_LARGE,
                    "it takes no packet as large as CONNACK");
            return;
        }
        if (present) connection.resume();
        connection.goOn(ClientConnection.State.CONNECTED, waited);
    }

    private static long expirySeconds(Connect connect, Limits limits) {
        long asked = connect.version() == ProtocolVersion.V5
                ? connect.properties().integer(Property.SESSION_EXPIRY_INTERVAL, 0)
                // Before MQTT 5 a session that is not clean has no end: ours is the longest that there is.
                : connect.cleanStart() ? 0 : Session.NEVER;
        return Math.min(asked, limits.sessionExpirySecondsMax());
    }

    private static Properties properties(
            ClientConnection connection,
            Connect connect,
            @Nullable String assigned,
            Session session,
            Properties authentication) {
        Limits limits = connection.shard.limits();
        Properties.Builder all = authentication.toBuilder();
        if (session.expirySeconds != connect.properties().integer(Property.SESSION_EXPIRY_INTERVAL, 0)) {
            all.set(Property.SESSION_EXPIRY_INTERVAL, session.expirySeconds);
        }
        if (limits.receiveMaximum() != 65_535) all.set(Property.RECEIVE_MAXIMUM, limits.receiveMaximum());
        if (limits.maximumQoS() < 2) all.set(Property.MAXIMUM_QOS, limits.maximumQoS()); // [MQTT-3.2.2-9]
        if (!limits.retainAvailable()) all.set(Property.RETAIN_AVAILABLE, 0);
        all.set(Property.MAXIMUM_PACKET_SIZE, limits.packetBytesMax());
        if (assigned != null) all.set(Property.ASSIGNED_CLIENT_IDENTIFIER, assigned); // [MQTT-3.2.2-16]
        if (limits.topicAliasMaximum() > 0) all.set(Property.TOPIC_ALIAS_MAXIMUM, limits.topicAliasMaximum());
        if (!limits.wildcardSubscriptionAvailable()) all.set(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, 0);
        if (!limits.subscriptionIdentifierAvailable()) all.set(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, 0);
        if (!limits.sharedSubscriptionAvailable()) all.set(Property.SHARED_SUBSCRIPTION_AVAILABLE, 0);
        if (connection.keepAliveSeconds != connect.keepAliveSeconds()) {
            all.set(Property.SERVER_KEEP_ALIVE, connection.keepAliveSeconds); // [MQTT-3.2.2-21]
        }
        if (!limits.responseInformation().isEmpty()
                && connect.properties().integer(Property.REQUEST_RESPONSE_INFORMATION, 0) == 1) {
            all.set(Property.RESPONSE_INFORMATION, limits.responseInformation() + connect.clientIdentifier());
        }
        return all.build();
    }

    static void refuse(ClientConnection connection, ReasonCode reason, String why) {
        refuse(connection, reason, why, CloseCause.SERVER_DISCONNECTED);
    }

    /** Answers with an error and closes. Why is for the log: the client learns the reason only. [MQTT-3.1.4-2] */
    static void refuse(ClientConnection connection, ReasonCode reason, String why, CloseCause cause) {
        connection.shard.events().refused(connection.clientIdentifier, connection.info, reason, why);
        turnAway(connection, reason, why, cause);
    }

    /** The same where the log has the whole of it as one line. */
    static void refuseQuietly(ClientConnection connection, ReasonCode reason, String why) {
        connection.shard.events().refusedInStorm(connection.clientIdentifier, connection.info, reason, why);
        turnAway(connection, reason, why, CloseCause.SERVER_DISCONNECTED);
    }

    private static void deny(ClientConnection connection, AuthenticationResult.Deny deny) {
        String other = deny.serverReference();
        Properties said = other == null
                ? Properties.NONE
                : Properties.builder().set(Property.SERVER_REFERENCE, other).build();
        connection.shard.events().refused(connection.clientIdentifier, connection.info, deny.reason(), deny.why());
        turnAway(connection, deny.reason(), deny.why(), CloseCause.SERVER_DISCONNECTED, said);
    }

    private static void turnAway(ClientConnection connection, ReasonCode reason, String why, CloseCause cause) {
        turnAway(connection, reason, why, cause, Properties.NONE);
    }

    private static void turnAway(
            ClientConnection connection, ReasonCode reason, String why, CloseCause cause, Properties said) {
        connection.shard.counters().connectionsRefused++;
        ReasonCode told = inConnAck(reason);
        boolean sent = connection.send(new ConnAck(false, told, said));
        // Larger than the client takes: then at least that it is refused.
        if (!sent && !said.isEmpty()) connection.send(new ConnAck(false, told, Properties.NONE));
        connection.finish(cause, reason, why);
    }

    /** The reason as CONNACK can tell it: not every one that DISCONNECT knows is legal there. */
    private static ReasonCode inConnAck(ReasonCode reason) {
        if (reason.isLegalIn(PacketType.CONNACK)) return reason;
        return reason == ReasonCode.SERVER_SHUTTING_DOWN ? ReasonCode.SERVER_UNAVAILABLE : ReasonCode.UNSPECIFIED_ERROR;
    }
}
