// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import io.courtier.access.AccessList;
import io.courtier.access.BrokenRule;
import io.courtier.core.Plugins;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicFilter;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.auth.EnhancedAuthenticator;
import io.courtier.spi.auth.EnhancedAuthenticator.Answer;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who may come into a tab's broker, as the page says, and what they may do there, as an access list says. Fails closed: a
 * page that fails to answer lets nobody in, and one that never answers is waited for as long as a CONNECT may take.
 */
public final class TabGate implements Plugins {
    /** Where nobody gave rules: everything, but for speaking for the broker. As the server's list is at first. */
    private static final AccessList AT_FIRST = rules("deny publish $SYS/#\nallow all #\nallow all $#");

    /** Speaks the Authentication Methods that the page speaks. */
    public interface Enhanced {
        /** Begins an exchange, or null where the page does not speak this method. */
        EnhancedAuthenticator.@Nullable Exchange begin(String method, AuthenticationRequest request);
    }

    private final Authenticator page;
    private final Enhanced enhanced;
    private final Consumer<Runnable> turn;
    private AccessList list = AT_FIRST;
    private @Nullable ChangesOnly changes;

    /**
     * @param page answers at once or later, from wherever it likes
     * @param turn runs something in a turn of the broker's
     */
    public TabGate(Authenticator page, Enhanced enhanced, Consumer<Runnable> turn) {
        this.page = page;
        this.enhanced = enhanced;
        this.turn = turn;
    }

    /**
     * Other rules count from now on: {@link TabBroker#permissionsChanged} has them asked for what is under way.
     *
     * @param text an access list; one without rules allows nothing; null: as if nobody had given one
     * @throws BrokenRule names a line; then the rules from before stay
     */
    public void access(@Nullable String text) throws BrokenRule {
        list = text == null ? AT_FIRST : AccessList.parse(text);
    }

    /** Of which topics only what changes is routed; null: of none. See {@link ChangesOnly}. */
    public void changesOnly(@Nullable ChangesOnly only) {
        changes = only;
    }

    /** There is a subscription that was not there before. */
    public void subscribed(TopicFilter filter) {
        if (changes != null) changes.subscribed(filter);
    }

    /** The message that was let through last was refused after all. */
    public void refused() {
        if (changes != null) changes.refused();
    }

    /**
     * What a page's answer comes to.
     *
     * @param reason 0 lets it in; else why CONNACK refuses it; what CONNACK cannot say is Not authorized
     * @param why for the log
     * @param roles with commas between them
     * @param serverReference where else to connect, told with the reasons that have it; null: not said
     */
    public static AuthenticationResult result(
            @Nullable String userName, double reason, String why, String roles, @Nullable String serverReference) {
        if (reason == 0) return new AuthenticationResult.Allow(principal(userName, roles));
        ReasonCode refusal = refusal(reason);
        try {
            return new AuthenticationResult.Deny(refusal, why, serverReference);
        } catch (IllegalArgumentException e) {
            // Not with this reason, or no text that MQTT has: refused all the same.
            return new AuthenticationResult.Deny(refusal, why);
        }
    }

    /** The same for a step of enhanced authentication; reason 0x18 has it go on. */
    public static Answer answer(
            double reason, byte @Nullable [] data, @Nullable String userName, String roles, String why) {
        if (reason == ReasonCode.CONTINUE_AUTHENTICATION.code()) return new Answer.Continue(data);
        return reason == 0
                ? new Answer.Success(principal(userName, roles), data)
                : new Answer.Failure(refusal(reason), why);
    }

    private static Principal principal(@Nullable String userName, String roles) {
        Set<String> all = new LinkedHashSet<>();
        int from = 0;
        while (from <= roles.length()) {
            int comma = roles.indexOf(',', from);
            int end = comma < 0 ? roles.length() : comma;
            String role = roles.substring(from, end).strip();
            if (!role.isEmpty()) all.add(role);
            from = end + 1;
        }
        return new Principal(userName, all, "page");
    }

    private static ReasonCode refusal(double reason) {
        int code = (int) reason;
        ReasonCode known = code == reason && code >= 0x80 && code <= 0xFF ? ReasonCode.of(code) : null;
        return known != null && known.isLegalIn(PacketType.CONNACK) ? known : ReasonCode.NOT_AUTHORIZED;
    }

    @Override
    public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        Consumer<AuthenticationResult> home = home(answer);
        if (request.userName() == null && !request.connection().anonymousAllowed()) {
            home.accept(new AuthenticationResult.Deny(ReasonCode.NOT_AUTHORIZED, "it says no user name"));
            return;
        }
        try {
            page.authenticate(request, home);
        } catch (RuntimeException e) {
            home.accept(new AuthenticationResult.Deny(ReasonCode.SERVER_UNAVAILABLE, "the page failed: " + e));
        }
    }

    @Override
    public EnhancedAuthenticator.@Nullable Exchange enhanced(String method, AuthenticationRequest request) {
        EnhancedAuthenticator.Exchange exchange;
        try {
            exchange = enhanced.begin(method, request);
        } catch (RuntimeException e) {
            exchange = null;
        }
        if (exchange == null) return null;
        EnhancedAuthenticator.Exchange begun = exchange;
        return (data, answer) -> {
            Consumer<Answer> home = home(answer);
            try {
                begun.step(data, home);
            } catch (RuntimeException e) {
                home.accept(new Answer.Failure(ReasonCode.SERVER_UNAVAILABLE, "the page failed: " + e));
            }
        };
    }

    /** Has an answer told in a turn, and once. */
    private <T> Consumer<T> home(Consumer<T> answer) {
        boolean[] answered = {false};
        return result -> {
            if (answered[0]) return;
            answered[0] = true;
            turn.accept(() -> answer.accept(result));
        };
    }

    @Override
    public Permissions permissions(Principal principal, String clientIdentifier, String listener) {
        return list.permissions(principal, clientIdentifier, listener);
    }

    @Override
    public @Nullable ApplicationMessage intercept(ApplicationMessage message) {
        return changes == null || changes.isChange(message) ? message : null;
    }

    private static AccessList rules(String text) {
        try {
            return AccessList.parse(text);
        } catch (BrokenRule e) {
            throw new IllegalStateException(e);
        }
    }
}
