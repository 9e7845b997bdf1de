// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicFilter;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Grants;
import io.courtier.spi.auth.Principal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the claims of a token have to say, once its signature is right, and who its client is then. Names of claims may lead
 * into objects: {@code realm_access.roles}.
 *
 * @param issuers one of them, where there are any
 * @param audiences one of them, where there are any
 * @param leewaySeconds how far clocks may be apart
 * @param userClaim whose text is the user name
 * @param userMustMatch whether CONNECT has to have the same user name
 * @param rolesClaim an array of texts, or a text with blanks; empty for no roles
 * @param clientClaim a text that has to be the client identifier where the token has it; empty for none
 * @param attributeClaims names of attributes, and the claims that have their values
 * @param publishClaim topic filters that the token grants for publishing, as the roles are written; empty for none
 * @param subscribeClaim the same for subscribing
 */
record JwtRules(
        Set<String> issuers,
        Set<String> audiences,
        long leewaySeconds,
        String userClaim,
        boolean userMustMatch,
        String rolesClaim,
        String clientClaim,
        Map<String, String> attributeClaims,
        String publishClaim,
        String subscribeClaim) {
    /** The year 9999: a later end is none, and would overflow. */
    private static final double SECONDS_MAX = 253_402_300_799d;

    /** Why a token is refused. */
    private static final class Refused extends Exception {
        Refused(String why) {
            super(why, null, false, false);
        }
    }

    AuthenticationResult judge(Map<String, Object> claims, AuthenticationRequest request, long nowMillis) {
        try {
            return new AuthenticationResult.Allow(principal(claims, request, nowMillis));
        } catch (Refused refused) {
            return deny(String.valueOf(refused.getMessage()));
        }
    }

    static AuthenticationResult deny(String why) {
        return new AuthenticationResult.Deny(ReasonCode.BAD_USER_NAME_OR_PASSWORD, why);
    }

    private Principal principal(Map<String, Object> claims, AuthenticationRequest request, long nowMillis)
            throws Refused {
        Long endsMillis = millis(claims, "exp");
        if (endsMillis == null) throw new Refused("its token has no end: exp is missing");
        long leewayMillis = leewaySeconds * 1_000;
        if (nowMillis >= endsMillis + leewayMillis) throw new Refused("its token has expired");
        for (String claim : List.of("nbf", "iat")) {
            Long beginsMillis = millis(claims, claim);
            if (beginsMillis != null && nowMillis < beginsMillis - leewayMillis) {
                throw new Refused("its token is not valid yet (" + claim + ")");
            }
        }
        if (!issuers.isEmpty() && !(claims.get("iss") instanceof String issuer && issuers.contains(issuer))) {
            throw new Refused("its token has another issuer");
        }
        if (!audiences.isEmpty() && texts(claims.get("aud"), "aud").stream().noneMatch(audiences::contains)) {
            throw new Refused("its token is for another audience");
        }
        Object client = clientClaim.isEmpty() ? null : find(claims, clientClaim);
        if (client != null && !client.equals(request.clientIdentifier())) {
            throw new Refused("its token is for another client identifier (" + clientClaim + ")");
        }
        String user = user(claims);
        if (userMustMatch && !user.equals(request.userName())) {
            throw new Refused("its user name is not the one of its token (" + userClaim + ")");
        }
        return new Principal(
                user,
                Set.copyOf(list(claims, rolesClaim)),
                "jwt",
                endsMillis + leewayMillis,
                attributes(claims),
                new Grants(filters(claims, publishClaim), filters(claims, subscribeClaim)));
    }

    /** Those that the token has. */
    private Map<String, String> attributes(Map<String, Object> claims) throws Refused {
        Map<String, String> attributes = new HashMap<>();
        for (Map.Entry<String, String> each : attributeClaims.entrySet()) {
            Object value = find(claims, each.getValue());
            if (value == null) continue;
            if (!(value instanceof String || value instanceof Long || value instanceof Boolean)) {
                throw new Refused("its token's " + each.getValue() + " is no text, whole number, true or false");
            }
            String text = value.toString();
            if (text.length() > Principal.ATTRIBUTE_CHARS_MAX) {
                throw new Refused("its token's " + each.getValue() + " has more than " + Principal.ATTRIBUTE_CHARS_MAX
                        + " characters");
            }
            if (text.codePoints().anyMatch(Character::isISOControl)) {
                throw new Refused("its token's " + each.getValue() + " has control characters");
            }
            attributes.put(each.getKey(), text);
        }
        return attributes;
    }

    private static List<TopicFilter> filters(Map<String, Object> claims, String claim) throws Refused {
        List<TopicFilter> filters = new ArrayList<>();
        for (String each : list(claims, claim)) {
            TopicFilter filter = TopicFilter.parse(each);
            if (filter == null || filter.isShared()) {
                throw new Refused("its token's " + claim + " has what is no topic filter, or a shared one");
            }
            filters.add(filter);
        }
        if (filters.size() > Grants.FILTERS_MAX) {
            throw new Refused("its token's " + claim + " has more than " + Grants.FILTERS_MAX + " topic filters");
        }
        return filters;
    }

    /** An array of texts, or a text with blanks; none for a claim without a name, or one that is missing. */
    private static List<String> list(Map<String, Object> claims, String claim) throws Refused {
        Object value = claim.isEmpty() ? null : find(claims, claim);
        return value instanceof String text ? words(text) : texts(value, claim);
    }

    /** A client without a user name would share its session with anybody. */
    private String user(Map<String, Object> claims) throws Refused {
        if (!(find(claims, userClaim) instanceof String user) || user.isBlank()) {
            throw new Refused("its token has no user name (" + userClaim + ")");
        }
        if (user.codePoints().anyMatch(Character::isISOControl)) {
            throw new Refused("the user name of its token has control characters (" + userClaim + ")");
        }
        return user;
    }

    private static @Nullable Long millis(Map<String, Object> claims, String claim) throws Refused {
        if (!claims.containsKey(claim)) return null;
        if (!(claims.get(claim) instanceof Number seconds)) throw new Refused("its token's " + claim + " is no time");
        return (long) (Math.max(-SECONDS_MAX, Math.min(SECONDS_MAX, seconds.doubleValue())) * 1_000);
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split(" ", -1))
                .filter(word -> !word.isEmpty())
                .distinct()
                .toList();
    }

    /** A text, or an array of them; none where it is missing. */
    private static List<String> texts(@Nullable Object value, String claim) throws Refused {
        if (value == null) return List.of();
        if (value instanceof String text) return List.of(text);
        List<String> texts = new ArrayList<>();
        if (!(value instanceof List<?> all)) throw new Refused("its token's " + claim + " is no list");
        for (Object each : all) {
            if (!(each instanceof String text)) throw new Refused("its token's " + claim + " is no list of texts");
            if (!texts.contains(text)) texts.add(text);
        }
        return texts;
    }

    /** By the name as it is, then as a path: issuers have names with dots, too. */
    private static @Nullable Object find(Map<?, ?> claims, String name) {
        if (claims.containsKey(name)) return claims.get(name);
        int dot = name.indexOf('.');
        Object inner = dot < 0 ? null : claims.get(name.substring(0, dot));
        return inner instanceof Map<?, ?> object ? find(object, name.substring(dot + 1)) : null;
    }
}
