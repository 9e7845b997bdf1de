// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.EnhancedAuthenticator.Answer;
import io.courtier.spi.auth.EnhancedAuthenticator.Exchange;
import io.courtier.spi.auth.Principal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The server's part of one SCRAM exchange, RFC 5802: client-first, server-first, client-final, server-final. Without channel
 * binding, without extensions, without acting for others. A user that is not there is refused at the end, as a wrong proof
 * is. What it computes is a few hashes: on the event loop.
 */
final class ScramExchange implements Exchange {
    /** Twice what the longest name and the longest nonce of clients take. */
    static final int MESSAGE_BYTES_MAX = 1_024;

    private static final String NONCE = "[\\x21-\\x2B\\x2D-\\x7E]++";
    private static final String EXTENSIONS = "(?:,[A-Za-oq-z]=[^,\\x00]++)*+";
    private static final Pattern FIRST = Pattern.compile(
            "(?<header>(?<binding>[ny]|p=[A-Za-z0-9.-]++),(?:a=(?<actingFor>[^,\\x00]++))?,)(?<bare>n=(?<user>[^,\\x00]++),r=(?<nonce>"
                    + NONCE + ")" + EXTENSIONS + ")");
    private static final Pattern FINAL = Pattern.compile("(?<withoutProof>c=(?<binding>[A-Za-z0-9+/=]++),r=(?<nonce>"
            + NONCE + ")" + EXTENSIONS + "),p=(?<proof>[A-Za-z0-9+/=]++)");

    /** Why nobody comes in. */
    private static final class Refused extends Exception {
        Refused(String why) {
            super(why, null, false, false);
        }
    }

    private enum Next {
        FIRST,
        FINAL,
        NOTHING
    }

    private final ScramMechanism mechanism;
    private final ScramUsers users;
    private final AuthenticationRequest request;
    private final String serverNonce;
    private Next next = Next.FIRST;
    private String header = "";
    private String nonce = "";
    private String messages = "";
    private ScramUsers.@Nullable Found found;

    /** @param serverNonce random, printable, without a comma */
    ScramExchange(ScramMechanism mechanism, ScramUsers users, AuthenticationRequest request, String serverNonce) {
        this.mechanism = mechanism;
        this.users = users;
        this.request = request;
        this.serverNonce = serverNonce;
    }

    @Override
    public void step(byte @Nullable [] data, Consumer<Answer> answer) {
        answer.accept(answer(data));
    }

    private Answer answer(byte @Nullable [] data) {
        Next step = next;
        // Whatever comes of it, nothing is tried twice.
        next = Next.NOTHING;
        try {
            return switch (step) {
                case FIRST -> first(text(data));
                case FINAL -> last(text(data));
                case NOTHING -> throw new Refused("its exchange is over");
            };
        } catch (Refused refused) {
            return new Answer.Failure(ReasonCode.NOT_AUTHORIZED, String.valueOf(refused.getMessage()));
        }
    }

    private static String text(byte @Nullable [] data) throws Refused {
        if (data == null) throw new Refused("its Authentication Data is missing");
        if (data.length > MESSAGE_BYTES_MAX) throw new Refused("its Authentication Data is too long");
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(data))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Refused("its Authentication Data is not UTF-8");
        }
    }

    private Answer first(String message) throws Refused {
        Matcher first = FIRST.matcher(message);
        if (!first.matches()) throw new Refused("its first message is none of SCRAM");
        if (first.group("binding").startsWith("p=")) throw new Refused("it wants channel binding");
        String name = name(first.group("user"));
        String actingFor = first.group("actingFor");
        if (actingFor != null && !name(actingFor).equals(name)) throw new Refused("it wants to act for another user");
        if (request.userName() != null && !request.userName().equals(name)) {
            throw new Refused("its user names in CONNECT and in the exchange differ");
        }
        ScramUsers.Found looked = users.find(name, mechanism);
        found = looked;
        header = first.group("header");
        nonce = first.group("nonce") + serverNonce;
        String reply = "r=" + nonce + ",s="
                + Base64.getEncoder().encodeToString(looked.credential().salt()) + ",i="
                + looked.credential().iterations();
        messages = first.group("bare") + "," + reply + ",";
        next = Next.FINAL;
        return new Answer.Continue(reply.getBytes(StandardCharsets.UTF_8));
    }

    private Answer last(String message) throws Refused {
        Matcher last = FINAL.matcher(message);
        ScramUsers.Found looked = found;
        if (!last.matches() || looked == null) throw new Refused("its last message is none of SCRAM");
        if (!last.group("nonce").equals(nonce)) throw new Refused("its nonce is not the one of this exchange");
        String bound = Base64.getEncoder().encodeToString(header.getBytes(StandardCharsets.UTF_8));
        if (!last.group("binding").equals(bound))
            throw new Refused("its channel binding is not the one of its beginning");
        byte[] authMessage = (messages + last.group("withoutProof")).getBytes(StandardCharsets.UTF_8);
        boolean right = isProof(base64(last.group("proof")), looked.credential(), authMessage);
        ScramUsers.User user = looked.user();
        if (!right || user == null) throw new Refused("the user name or the password is wrong");
        byte[] signature = mechanism.hmac(looked.credential().serverKey(), authMessage);
        String reply = "v=" + Base64.getEncoder().encodeToString(signature);
        return new Answer.Success(
                new Principal(user.name(), user.roles(), "scram"), reply.getBytes(StandardCharsets.UTF_8));
    }

    private boolean isProof(byte[] proof, ScramCredential credential, byte[] authMessage) {
        if (proof.length != mechanism.bytes) return false;
        byte[] clientKey = mechanism.hmac(credential.storedKey(), authMessage);
        for (int i = 0; i < clientKey.length; i++) clientKey[i] ^= proof[i];
        return MessageDigest.isEqual(mechanism.hash(clientKey), credential.storedKey());
    }

    private static byte[] base64(String text) throws Refused {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            // The JDK lets padding and last bits be anything: one proof would have many texts.
            if (Base64.getEncoder().encodeToString(bytes).equals(text)) return bytes;
            throw new Refused("its proof is no Base64");
        } catch (IllegalArgumentException e) {
            throw new Refused("its proof is no Base64");
        }
    }

    /** A name with =2C for a comma and =3D for an equals sign. */
    private static String name(String text) throws Refused {
        if (text.replaceAll("=(?:2C|3D)", "").contains("=")) {
            throw new Refused("its user name is not written as SCRAM wants it");
        }
        return text.replace("=2C", ",").replace("=3D", "=");
    }
}
