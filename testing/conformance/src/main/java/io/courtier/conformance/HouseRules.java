// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.EnhancedAuthenticator;
import io.courtier.spi.auth.EnhancedAuthenticator.Answer;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Who may come in, and what they may do, behind every door: the user {@code intruder} may not, {@code forbidden/...} is. */
public final class HouseRules {
    /** An Authentication Method: asked {@code 6x7}, the client must say {@code 42}. */
    public static final String METHOD = "RIDDLE";

    public static final Permissions PERMISSIONS = new Permissions() {
        @Override
        public boolean mayPublish(TopicName topic, QoS qos, boolean retain) {
            return !topic.toString().startsWith("forbidden/");
        }

        @Override
        public boolean maySubscribe(TopicFilter filter, QoS qos) {
            return !filter.levels()[0].equals("forbidden");
        }
    };

    private HouseRules() {}

    static AuthenticationResult authenticate(AuthenticationRequest request) {
        if ("intruder".equals(request.userName())) {
            return new AuthenticationResult.Deny(ReasonCode.BAD_USER_NAME_OR_PASSWORD, "an intruder");
        }
        return new AuthenticationResult.Allow(new Principal(request.userName(), Set.of(), "house"));
    }

    static EnhancedAuthenticator.Exchange exchange() {
        return (data, answer) -> {
            String said = data == null ? "" : new String(data, StandardCharsets.UTF_8);
            switch (said) {
                case "" -> answer.accept(new Answer.Continue("6x7".getBytes(StandardCharsets.UTF_8)));
                case "42" ->
                    answer.accept(new Answer.Success(
                            new Principal("riddler", Set.of(), METHOD), "right".getBytes(StandardCharsets.UTF_8)));
                default -> answer.accept(new Answer.Failure(ReasonCode.NOT_AUTHORIZED, "wrong answer"));
            }
        };
    }
}
