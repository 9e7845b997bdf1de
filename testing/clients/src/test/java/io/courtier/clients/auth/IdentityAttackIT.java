// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.clients.House;
import io.courtier.clients.Lane;
import io.courtier.clients.web.Instance;
import io.courtier.conformance.Client;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks on who somebody is: guessing, names that are patterns, sessions of others. */
@ResourceLock(Lane.LOGINS) // One measures how long answers take.
class IdentityAttackIT {
    /** secret, by bcrypt with the cost that the launcher uses. */
    private static final String SECRET = "$2b$10$DD5Oah0TKkRojnLG9RqCTeO7.Q26Ta6UwVNDPiRbXGd9sntR2X1qC";

    private static final List<String> USERS = List.of("ann", "bob", "+", "ann#", "ann/diary", "$SYS");
    private static final int TRIES = 30;
    private static final int USER_FAILURES = 4;
    private static final int ADDRESS_FAILURES = 12;

    @TempDir
    static Path folder;

    private static Instance broker;
    private static int addresses;

    @BeforeAll
    static void start() {
        broker = new Instance(folder)
                .with(
                        "courtier-passwd",
                        USERS.stream().map(user -> user + ":" + SECRET).toArray(String[]::new))
                .with("courtier-acl", "allow all home/%u/#", "allow all devices/%c/#", "deny all #", "deny all $#")
                .with(
                        "io.courtier.auth.lockout.cfg",
                        "loopback = true",
                        "user.failures = " + USER_FAILURES,
                        "address.failures = " + ADDRESS_FAILURES,
                        "lock.seconds = 600")
                .start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void theAnswerDoesNotTellWhoIsAUser() throws IOException {
        for (ProtocolVersion version : ProtocolVersion.values()) {
            String from = anotherAddress();
            ReasonCode unknown = comes(from, version, "nobody", "wrong");
            assertThat(unknown.isError()).isTrue();
            assertThat(comes(from, version, "ann", "wrong")).isEqualTo(unknown);
            assertThat(comes(from, version, "ann", "")).isEqualTo(comes(from, version, "nobody", ""));
        }
        AttackList.WHO_COMES_IN.saw(
                "user enumeration, by the answer",
                "unknown user, wrong password: both 0x86 (MQTT 3: 4); without a password: both the same, too");
    }

    @Test
    void theTimeOfAnAnswerDoesNotTellWhoIsAUser() throws IOException {
        long[] unknown = new long[TRIES];
        long[] wrong = new long[TRIES];
        // In turns, so that whatever else runs here slows both.
        for (int i = -3; i < TRIES; i++) {
            long first = nanosOfRefusal("nobody-" + i);
            long second = nanosOfRefusal("ann");
            if (i < 0) continue;
            unknown[i] = first;
            wrong[i] = second;
        }
        Arrays.sort(unknown);
        Arrays.sort(wrong);
        double medianUnknown = unknown[TRIES / 2] / 1e6;
        double medianWrong = wrong[TRIES / 2] / 1e6;
        String figures =
                "medians of %d: unknown user %.1f ms, wrong password %.1f ms; middle halves %.1f to %.1f and %.1f to %.1f ms"
                        .formatted(
                                TRIES,
                                medianUnknown,
                                medianWrong,
                                unknown[TRIES / 4] / 1e6,
                                unknown[TRIES * 3 / 4] / 1e6,
                                wrong[TRIES / 4] / 1e6,
                                wrong[TRIES * 3 / 4] / 1e6);
        // Without a hash to compare for those who are not there, this would be less than a tenth.
        assertThat(medianUnknown / medianWrong).as(figures).isBetween(0.6, 1.6);
        AttackList.WHO_COMES_IN.saw("user enumeration, by time", figures);
    }

    private static long nanosOfRefusal(String user) throws IOException {
        Client client = Bare.tcp(broker, anotherAddress(), ProtocolVersion.V5);
        Connect connect = Bare.connect(House.unique("time"), user, "wrong");
        long begunNanos = System.nanoTime();
        ReasonCode reason = client.connect(connect).reason();
        long nanos = System.nanoTime() - begunNanos;
        assertThat(reason).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        client.wire().close();
        return nanos;
    }

    @Test
    void whoGuessesPasswordsOfOneUserIsLockedOutAndTheUserIsNot() throws IOException {
        String guesser = anotherAddress();
        for (int i = 0; i < USER_FAILURES; i++) {
            assertThat(comes(guesser, ProtocolVersion.V5, "ann", "guess " + i))
                    .isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        }
        assertThat(comes(guesser, ProtocolVersion.V5, "ann", "secret"))
                .as("even with the right one")
                .isEqualTo(ReasonCode.CONNECTION_RATE_EXCEEDED);
        assertThat(comes(guesser, ProtocolVersion.V5, "bob", "secret"))
                .as("another user of that address")
                .isEqualTo(ReasonCode.SUCCESS);
        assertThat(comes(anotherAddress(), ProtocolVersion.V5, "ann", "secret"))
                .as("the user, from elsewhere")
                .isEqualTo(ReasonCode.SUCCESS);
        AttackList.WHO_COMES_IN.saw(
                "brute force, one user",
                "after %d guesses 0x9F, for the right password too; the user comes in from elsewhere",
                USER_FAILURES);
    }

    @Test
    void whoTriesManyUsersIsLockedOut() throws IOException {
        String guesser = anotherAddress();
        for (int i = 0; i < ADDRESS_FAILURES; i++) {
            assertThat(comes(guesser, ProtocolVersion.V3_1_1, "user-" + i, "secret")
                            .isError())
                    .isTrue();
        }
        assertThat(comes(guesser, ProtocolVersion.V5, "ann", "secret")).isEqualTo(ReasonCode.CONNECTION_RATE_EXCEEDED);
        assertThat(comes(anotherAddress(), ProtocolVersion.V5, "ann", "secret")).isEqualTo(ReasonCode.SUCCESS);
        assertThat(broker.log()).contains("address=" + guesser + " locked out");
        AttackList.WHO_COMES_IN.saw(
                "brute force, one password for many users",
                "after %d guesses 0x9F for every user from that address, and a WARN line",
                ADDRESS_FAILURES);
    }

    @Test
    void nobodyTakesTheConnectionOfAnotherUser() throws IOException {
        Client ann = Bare.tcp(broker);
        ann.connect(Bare.connect("pump-live", "ann", "secret"));
        assertThat(hijacks("pump-live", "bob")).containsOnly(ReasonCode.NOT_AUTHORIZED);
        assertThat(hijacks("pump-live", null)).containsOnly(ReasonCode.NOT_AUTHORIZED);
        ann.barrier();
        ann.disconnect();
        AttackList.WHO_COMES_IN.saw(
                "client identifier of another user who is connected",
                "0x87 for another user and for an anonymous client, clean start or not; the owner notices nothing");
    }

    @Test
    void nobodyGetsOrEndsTheSessionOfAnotherUserWhoIsAway() throws IOException {
        Properties forTenMinutes =
                Properties.builder().set(Property.SESSION_EXPIRY_INTERVAL, 600).build();
        Client ann = Bare.tcp(broker);
        ann.connect(new Connect(ProtocolVersion.V5, "pump-away", true, 0, null, "ann", secret(), forTenMinutes));
        ann.subscribe("home/ann/#", QoS.AT_LEAST_ONCE);
        ann.disconnect();
        Client sender = Bare.tcp(broker);
        sender.connect(Bare.connect(House.unique("sender"), "ann", "secret"));
        sender.publishAndWait("home/ann/diary", "dear diary", QoS.AT_LEAST_ONCE, false);
        assertThat(hijacks("pump-away", "bob")).containsOnly(ReasonCode.NOT_AUTHORIZED);
        assertThat(hijacks("pump-away", null)).containsOnly(ReasonCode.NOT_AUTHORIZED);
        Client back = Bare.tcp(broker);
        ConnAck resumed = back.connect(
                new Connect(ProtocolVersion.V5, "pump-away", false, 0, null, "ann", secret(), forTenMinutes));
        assertThat(resumed.sessionPresent()).isTrue();
        assertThat(back.expectPayload()).isEqualTo("dear diary");
        back.disconnect();
        AttackList.WHO_COMES_IN.saw(
                "client identifier of another user who is away, for what is queued",
                "0x87 for another user and for an anonymous client, clean start or not; the owner finds session and message");
    }

    /** All the ways to come by this client identifier. */
    private static List<ReasonCode> hijacks(String identifier, String user) throws IOException {
        List<ReasonCode> reasons = new ArrayList<>();
        for (boolean clean : new boolean[] {true, false}) {
            Client other = Bare.tcp(broker);
            reasons.add(other.connect(new Connect(
                            ProtocolVersion.V5,
                            identifier,
                            clean,
                            0,
                            null,
                            user,
                            user == null ? null : secret(),
                            Properties.NONE))
                    .reason());
            Client old = Bare.tcp(broker, "127.0.0.1", ProtocolVersion.V3_1_1);
            reasons.add(old.connect(new Connect(
                            ProtocolVersion.V3_1_1,
                            identifier,
                            clean,
                            0,
                            null,
                            user,
                            user == null ? null : secret(),
                            Properties.NONE))
                    .reason());
        }
        return reasons;
    }

    @ParameterizedTest
    @ValueSource(strings = {"+", "ann#", "ann/diary", "$SYS"})
    void aUserNameThatIsAPatternIsNone(String user) throws IOException {
        Client client = Bare.tcp(broker);
        assertThat(client.connect(Bare.connect(House.unique("user"), user, "secret"))
                        .reason())
                .isEqualTo(ReasonCode.SUCCESS);
        opensNothing(client, "home/", user);
        AttackList.WHO_COMES_IN.saw(
                "%%u in rules: the user name `%s`".formatted(user),
                "comes in, and home/%%u/# is for it neither home/%s/# nor anything else: 0x87",
                user);
    }

    @ParameterizedTest
    @ValueSource(strings = {"+", "#", "pump-7/valve", "$share/g/home"})
    void aClientIdentifierThatIsAPatternIsNone(String identifier) throws IOException {
        Client client = Bare.tcp(broker);
        assertThat(client.connect(Bare.connect(identifier, "bob", "secret")).reason())
                .isEqualTo(ReasonCode.SUCCESS);
        opensNothing(client, "devices/", identifier);
        AttackList.WHO_COMES_IN.saw(
                "%%c in rules: the client identifier `%s`".formatted(identifier),
                "comes in, and devices/%%c/# is for it neither devices/%s/# nor anything else: 0x87",
                identifier);
    }

    /** Neither what it would be by the letter nor what it would be as a pattern. */
    private static void opensNothing(Client client, String place, String name) {
        List<String> filters = List.of(
                place + name + "/x",
                place + name + "/#",
                place + "ann/x",
                place + "ann/#",
                place + "+/x",
                place + "#",
                "#");
        for (String filter : filters) {
            assertThat(client.subscribe(filter, QoS.AT_MOST_ONCE).reasons())
                    .as(filter)
                    .allMatch(
                            reason -> reason == ReasonCode.NOT_AUTHORIZED || reason == ReasonCode.TOPIC_FILTER_INVALID);
        }
        assertThat(client.publishAndWait(place + "ann/x", "x", QoS.AT_LEAST_ONCE, false))
                .isEqualTo(ReasonCode.NOT_AUTHORIZED);
    }

    private static ReasonCode comes(String from, ProtocolVersion version, String user, String password)
            throws IOException {
        Client client = Bare.tcp(broker, from, version);
        ReasonCode reason = client.connect(
                        Bare.connect(version, House.unique("identity"), user, password, Properties.NONE))
                .reason();
        client.wire().close();
        return reason;
    }

    private static byte[] secret() {
        return "secret".getBytes(StandardCharsets.UTF_8);
    }

    /** One of loopback that nobody came from before. */
    private static synchronized String anotherAddress() {
        addresses++;
        return "127.9." + addresses / 250 + "." + (addresses % 250 + 1);
    }
}
