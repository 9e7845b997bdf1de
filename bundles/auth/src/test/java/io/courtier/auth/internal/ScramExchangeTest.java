// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.EnhancedAuthenticator.Answer;
import io.courtier.spi.transport.ConnectionInfo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScramExchangeTest {
    /** The example of RFC 7677, section 3. */
    private static final String SALT = "W22ZaJ0SNY7soEsUEjb6gQ==";

    private static final String CLIENT_NONCE = "rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final String NONCE = CLIENT_NONCE + SERVER_NONCE;
    private static final String FIRST = "n,,n=user,r=" + CLIENT_NONCE;
    private static final String PROOF = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private static final String LAST = "c=biws,r=" + NONCE + ",p=" + PROOF;

    private static final ScramUsers USERS = users();

    private static ScramUsers users() {
        String pencil = credential(ScramMechanism.SHA_256, "pencil", 4_096);
        String both = credential(ScramMechanism.SHA_512, "pencil", 4_096) + "," + pencil;
        try {
            return ScramUsers.parse(List.of(
                    ScramUsers.newSecretLine(), "user:" + pencil + ":device,admin", "both:" + both, "a,b=c:" + pencil));
        } catch (BrokenLine e) {
            throw new IllegalStateException(e);
        }
    }

    private static String credential(ScramMechanism mechanism, String password, int iterations) {
        byte[] salt = Base64.getDecoder().decode(SALT);
        return ScramCredential.of(mechanism, password.toCharArray(), salt, iterations)
                .text();
    }

    @Test
    void speaksAsTheStandardDoes() {
        ScramExchange exchange = exchange(ScramMechanism.SHA_256, null);
        assertThat(reply(step(exchange, FIRST))).isEqualTo("r=" + NONCE + ",s=" + SALT + ",i=4096");
        Answer.Success success = (Answer.Success) step(exchange, LAST);
        assertThat(text(success.data())).isEqualTo("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        assertThat(success.principal().userName()).isEqualTo("user");
        assertThat(success.principal().roles()).containsExactlyInAnyOrder("device", "admin");
        assertThat(success.principal().authenticator()).isEqualTo("scram");
    }

    @ParameterizedTest
    @EnumSource(ScramMechanism.class)
    void letsInWhoKnowsThePasswordAndProvesThatItDoesToo(ScramMechanism mechanism) {
        ScramExchange exchange = exchange(mechanism, null);
        Client client = new Client(mechanism, "n,,", "both", "pencil");
        Answer answer = client.over(exchange);
        assertThat(answer).isInstanceOf(Answer.Success.class);
        assertThat(text(((Answer.Success) answer).data())).isEqualTo("v=" + client.serverSignature);
    }

    @ParameterizedTest
    @EnumSource(ScramMechanism.class)
    void refusesAWrongPasswordAndAnUnknownUserInTheSameWords(ScramMechanism mechanism) {
        Answer wrong = new Client(mechanism, "n,,", "both", "pen").over(exchange(mechanism, null));
        Answer unknown = new Client(mechanism, "n,,", "nobody", "pencil").over(exchange(mechanism, null));
        assertThat(wrong)
                .isEqualTo(unknown)
                .isEqualTo(new Answer.Failure(ReasonCode.NOT_AUTHORIZED, "the user name or the password is wrong"));
        if (mechanism == ScramMechanism.SHA_512) {
            assertThat(new Client(mechanism, "n,,", "user", "pencil").over(exchange(mechanism, null)))
                    .as("has only the other")
                    .isEqualTo(unknown);
        }
    }

    @Test
    void anUnknownUserLooksLikeOthersAndAlwaysTheSame() {
        String once = reply(step(exchange(ScramMechanism.SHA_256, null), "n,,n=nobody,r=x"));
        String again = reply(step(exchange(ScramMechanism.SHA_256, null), "n,,n=nobody,r=x"));
        String other = reply(step(exchange(ScramMechanism.SHA_256, null), "n,,n=nobodi,r=x"));
        String real = reply(step(exchange(ScramMechanism.SHA_256, null), "n,,n=user,r=x"));
        assertThat(once)
                .isEqualTo(again)
                .isNotEqualTo(other)
                .hasSameSizeAs(real)
                .endsWith(",i=4096");
    }

    @Test
    void anUnknownUserLooksTheSameAfterARestartAndOnNoOtherServer() throws BrokenLine {
        String line = ScramUsers.newSecretLine();
        byte[] one = ScramUsers.parse(List.of(line))
                .find("nobody", ScramMechanism.SHA_256)
                .credential()
                .salt();
        byte[] restarted = ScramUsers.parse(List.of("# edited", line))
                .find("nobody", ScramMechanism.SHA_256)
                .credential()
                .salt();
        byte[] elsewhere = ScramUsers.parse(List.of(ScramUsers.newSecretLine()))
                .find("nobody", ScramMechanism.SHA_256)
                .credential()
                .salt();
        assertThat(restarted).isEqualTo(one);
        assertThat(elsewhere).isNotEqualTo(one);
    }

    @Test
    void takesYForNoChannelBindingAndNamesWithCommas() {
        assertThat(new Client(ScramMechanism.SHA_256, "y,,", "user", "pencil")
                        .over(exchange(ScramMechanism.SHA_256, null)))
                .isInstanceOf(Answer.Success.class);
        assertThat(new Client(ScramMechanism.SHA_256, "n,a=user,", "user", "pencil")
                        .over(exchange(ScramMechanism.SHA_256, null)))
                .isInstanceOf(Answer.Success.class);
        assertThat(new Client(ScramMechanism.SHA_256, "n,,", "a=2Cb=3Dc", "pencil")
                        .over(exchange(ScramMechanism.SHA_256, null)))
                .isInstanceOfSatisfying(
                        Answer.Success.class,
                        success -> assertThat(success.principal().userName()).isEqualTo("a,b=c"));
    }

    @Test
    void comparesTheUserNameOfConnect() {
        assertThat(new Client(ScramMechanism.SHA_256, "n,,", "user", "pencil")
                        .over(exchange(ScramMechanism.SHA_256, "user")))
                .isInstanceOf(Answer.Success.class);
        assertThat(step(exchange(ScramMechanism.SHA_256, "eve"), FIRST)).isInstanceOf(Answer.Failure.class);
    }

    @Test
    void aProofIsGoodForItsExchangeOnly() {
        ScramExchange other = new ScramExchange(ScramMechanism.SHA_256, USERS, request(null), "another");
        step(other, FIRST);
        assertThat(step(other, LAST))
                .as("replayed")
                .isEqualTo(new Answer.Failure(ReasonCode.NOT_AUTHORIZED, "its nonce is not the one of this exchange"));
        ScramExchange same = new ScramExchange(ScramMechanism.SHA_256, USERS, request(null), "another");
        step(same, FIRST);
        assertThat(step(same, LAST.replace(SERVER_NONCE, "another"))).isInstanceOf(Answer.Failure.class);
    }

    @Test
    void hasNoSecondTry() {
        ScramExchange exchange = exchange(ScramMechanism.SHA_256, null);
        step(exchange, FIRST);
        assertThat(step(exchange, LAST.replace(PROOF, PROOF.replace('d', 'e')))).isInstanceOf(Answer.Failure.class);
        assertThat(step(exchange, LAST))
                .isEqualTo(new Answer.Failure(ReasonCode.NOT_AUTHORIZED, "its exchange is over"));
        ScramExchange begun = exchange(ScramMechanism.SHA_256, null);
        step(begun, "nonsense");
        assertThat(step(begun, FIRST)).isInstanceOf(Answer.Failure.class);
        ScramExchange done = exchange(ScramMechanism.SHA_256, null);
        step(done, FIRST);
        step(done, LAST);
        assertThat(step(done, LAST)).isInstanceOf(Answer.Failure.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n",
                "n,",
                "n,,",
                "n,,n=user",
                "n,,r=x",
                "n,,n=,r=x",
                "n,,n=user,r=",
                "n,,n=user,r=a b",
                "n,,n=user,r=a,",
                "n,,n=user,r=ä",
                "n,,n=us=er,r=x",
                "n,,n=us=2cer,r=x",
                "n,,n=us=,r=x",
                "n,,n=us==2C2C,r=x",
                "n,,n=user,r=x,y",
                "n,,n=user,r=x,1=2",
                "n,,m=ext,n=user,r=x",
                "n,,n=user,r=x,p=x",
                "p=tls-unique,,n=user,r=x",
                "p=tls-exporter,,n=user,r=x",
                "x,,n=user,r=x",
                "N,,n=user,r=x",
                "n,user,n=user,r=x",
                "n,a=,n=user,r=x",
                "n,a=eve,n=user,r=x",
                "n,a=us=er,n=user,r=x",
                "n,,r=x,n=user",
                "n,,n=user,r=x\n",
                "\0n,,n=user,r=x",
                "n,,n=us\0er,r=x",
                " n,,n=user,r=x",
                "y,,n=user"
            })
    void refusesAFirstMessageThatIsNone(String message) {
        ScramExchange exchange = exchange(ScramMechanism.SHA_256, null);
        assertThat(step(exchange, message))
                .isInstanceOfSatisfying(Answer.Failure.class, failure -> assertThat(failure.reason())
                        .isEqualTo(ReasonCode.NOT_AUTHORIZED));
        assertThat(step(exchange, LAST)).isInstanceOf(Answer.Failure.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c=biws",
                "c=biws,r=" + NONCE,
                "r=" + NONCE + ",c=biws,p=" + PROOF,
                "c=biws,p=" + PROOF,
                "c=eSws,r=" + NONCE + ",p=" + PROOF,
                "c=biws=,r=" + NONCE + ",p=" + PROOF,
                "c=,r=" + NONCE + ",p=" + PROOF,
                "c=biws,r=" + NONCE + ",p=",
                "c=biws,r=" + NONCE + ",p=!",
                "c=biws,r=" + NONCE + ",p=AAAA",
                "c=biws,r=" + NONCE + ",p=AAA",
                "c=biws,r=" + NONCE + ",p==",
                "c=biws,r=" + CLIENT_NONCE + ",p=" + PROOF,
                "c=biws,r=" + NONCE + "x,p=" + PROOF,
                "c=biws,r=" + NONCE + ",p=" + PROOF + ",x=y",
                "c=biws,r=" + NONCE + ",p=" + PROOF + "\n",
                "c=biws,r=" + NONCE + ",x=y,p=" + PROOF,
                "c=biws,r=" + NONCE + ",p=" + PROOF + "=",
                "c=biws,r=" + NONCE + ",p=" + PROOF + PROOF,
                FIRST
            })
    void refusesALastMessageThatIsNone(String message) {
        ScramExchange exchange = exchange(ScramMechanism.SHA_256, null);
        step(exchange, FIRST);
        assertThat(step(exchange, message)).isInstanceOf(Answer.Failure.class);
    }

    @Test
    void refusesWhatIsNoTextOrTooLong() {
        assertThat(step(exchange(ScramMechanism.SHA_256, null), (byte[]) null)).isInstanceOf(Answer.Failure.class);
        assertThat(step(exchange(ScramMechanism.SHA_256, null), new byte[] {'n', ',', ',', 'n', '=', (byte) 0xFF}))
                .isEqualTo(new Answer.Failure(ReasonCode.NOT_AUTHORIZED, "its Authentication Data is not UTF-8"));
        String longest = "n,,n=user,r=" + "x".repeat(ScramExchange.MESSAGE_BYTES_MAX - 12);
        assertThat(step(exchange(ScramMechanism.SHA_256, null), longest)).isInstanceOf(Answer.Continue.class);
        assertThat(step(exchange(ScramMechanism.SHA_256, null), longest + "x"))
                .isEqualTo(new Answer.Failure(ReasonCode.NOT_AUTHORIZED, "its Authentication Data is too long"));
        String extensions = "n,,n=user,r=x" + ",x=y".repeat(250);
        assertThat(step(exchange(ScramMechanism.SHA_256, null), extensions)).isInstanceOf(Answer.Continue.class);
    }

    /** A byte changed, left out or added anywhere: nobody comes in, and nothing breaks. */
    @Test
    void refusesEveryMessageThatIsAlmostRight() {
        Random random = new Random(7677);
        for (int i = 0; i < 20_000; i++) {
            boolean inFirst = random.nextBoolean();
            ScramExchange exchange = exchange(ScramMechanism.SHA_256, null);
            byte[] first = (inFirst ? changed(FIRST, random) : bytes(FIRST));
            byte[] last = inFirst ? bytes(LAST) : changed(LAST, random);
            Answer begun = step(exchange, first);
            if (begun instanceof Answer.Failure) continue;
            assertThat(step(exchange, last))
                    .as("%s then %s", text(first), text(last))
                    .isInstanceOf(Answer.Failure.class);
        }
    }

    private static byte[] changed(String message, Random random) {
        byte[] right = bytes(message);
        List<Byte> changed = new ArrayList<>();
        for (byte each : right) changed.add(each);
        int at = random.nextInt(right.length);
        byte other = (byte) random.nextInt(256);
        switch (random.nextInt(3)) {
            case 0 -> changed.remove(at);
            case 1 -> changed.add(at, other);
            default -> changed.set(at, other == right[at] ? (byte) (other ^ 1) : other);
        }
        byte[] all = new byte[changed.size()];
        for (int i = 0; i < all.length; i++) all[i] = changed.get(i);
        return all;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user", ":x", "user:", "user:$2b$10$x", "user:SCRAM-SHA-256$4095$W22ZaJ0SNY7soEsUEjb6gQ==$AAAA$AAAA",
                "user:SCRAM-SHA-1$4096$QSXCR+Q6sek8bf92$x$y", "user:a:b:c", "!", "!AAAA", "!?"
            })
    void saysWhichLineIsBroken(String line) {
        assertThatThrownBy(() -> ScramUsers.parse(List.of("# users", line)))
                .isInstanceOf(BrokenLine.class)
                .hasMessageStartingWith("line 2: ")
                .hasMessageNotContaining("W22Z");
    }

    @Test
    void refusesAUserASecretOrACredentialTwice() {
        String one = credential(ScramMechanism.SHA_256, "x", 4_096);
        String secret = ScramUsers.newSecretLine();
        for (List<String> lines : List.of(
                List.of("u:" + one, "u:" + one), List.of(secret, secret), List.of("", "u:" + one + "," + one))) {
            assertThatThrownBy(() -> ScramUsers.parse(lines)).hasMessageStartingWith("line 2: ");
        }
    }

    @Test
    void keysAreInNoText() {
        ScramCredential credential = ScramCredential.parse(credential(ScramMechanism.SHA_256, "pencil", 4_096));
        assertThat(credential.toString()).isEqualTo("SCRAM-SHA-256 with 4096 iterations");
        assertThat(USERS.find("user", ScramMechanism.SHA_256).toString()).doesNotContain(SALT);
    }

    /** The client's part, written anew. */
    private static final class Client {
        private final ScramMechanism mechanism;
        private final String header;
        private final String user;
        private final String password;
        private String serverSignature;

        Client(ScramMechanism mechanism, String header, String user, String password) {
            this.mechanism = mechanism;
            this.header = header;
            this.user = user;
            this.password = password;
        }

        Answer over(ScramExchange exchange) {
            String bare = "n=" + user + ",r=abc";
            String reply = reply(step(exchange, header + bare));
            String[] fields = reply.split(",", 3);
            byte[] salt = Base64.getDecoder().decode(fields[1].substring(2));
            byte[] salted =
                    mechanism.saltedPassword(password.toCharArray(), salt, Integer.parseInt(fields[2].substring(2)));
            byte[] clientKey = mechanism.hmac(salted, bytes("Client Key"));
            String withoutProof = "c=" + Base64.getEncoder().encodeToString(bytes(header)) + "," + fields[0];
            byte[] authMessage = bytes(bare + "," + reply + "," + withoutProof);
            byte[] proof = mechanism.hmac(mechanism.hash(clientKey), authMessage);
            for (int i = 0; i < proof.length; i++) proof[i] ^= clientKey[i];
            serverSignature = Base64.getEncoder()
                    .encodeToString(mechanism.hmac(mechanism.hmac(salted, bytes("Server Key")), authMessage));
            return step(exchange, withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof));
        }
    }

    private static ScramExchange exchange(ScramMechanism mechanism, String userName) {
        return new ScramExchange(mechanism, USERS, request(userName), SERVER_NONCE);
    }

    private static AuthenticationRequest request(String userName) {
        return new AuthenticationRequest(
                new ConnectionInfo("tcp-default", "tcp", "192.0.2.7", 4711, false, null),
                ProtocolVersion.V5,
                "pump-7",
                userName,
                null);
    }

    private static Answer step(ScramExchange exchange, String message) {
        return step(exchange, bytes(message));
    }

    private static Answer step(ScramExchange exchange, byte[] message) {
        List<Answer> answers = new ArrayList<>();
        exchange.step(message, answers::add);
        assertThat(answers).hasSize(1);
        return answers.get(0);
    }

    private static String reply(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.Continue.class);
        return text(((Answer.Continue) answer).data());
    }

    private static String text(byte[] data) {
        return new String(data, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
