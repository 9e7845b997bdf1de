// SPDX-License-Identifier: Apache-2.0
package org.example.devicekeys;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.auth.Principal;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/**
 * Lets devices in whose key follows from their name: HMAC-SHA256 of the user name by the key of the site, as hexadecimal
 * digits. So there is no list of devices to keep. Everybody else is left to the authenticators after this one.
 *
 * <p>Without {@code etc/org.example.devicekeys.cfg} it is not there; when that file changes, so does the component, and the
 * broker has those who connect wait meanwhile.
 */
@Component(
        configurationPid = "org.example.devicekeys",
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "service.ranking:Integer=100")
public final class DeviceKeys implements Authenticator {
    private static final int KEY_CHARACTERS_MIN = 16;

    /** The keys of the file, with dots for underscores. */
    public @interface Config {
        /** The key of the site. Whoever knows it can compute the key of every device. */
        String site_key() default "";

        /** How the user names of devices begin. */
        String user_prefix() default "device-";
    }

    private final SecretKeySpec siteKey;
    private final String userPrefix;

    @Activate
    public DeviceKeys(Config config) {
        if (config.site_key().length() < KEY_CHARACTERS_MIN) {
            // Not what it is: it would be in the log.
            throw new IllegalArgumentException("site.key in etc/org.example.devicekeys.cfg has fewer than "
                    + KEY_CHARACTERS_MIN + " characters");
        }
        siteKey = new SecretKeySpec(config.site_key().getBytes(StandardCharsets.UTF_8), "HmacSHA256");
        userPrefix = config.user_prefix();
    }

    /** On an event loop, so it may not wait; an HMAC takes microseconds. */
    @Override
    public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        answer.accept(judge(request));
    }

    private AuthenticationResult judge(AuthenticationRequest request) {
        String user = request.userName();
        if (user == null || !user.startsWith(userPrefix)) return new AuthenticationResult.Abstain();
        byte[] password = request.password();
        // Takes as long for a key that is nearly right as for any other.
        if (password == null || !MessageDigest.isEqual(password, keyOf(user))) {
            return new AuthenticationResult.Deny(ReasonCode.BAD_USER_NAME_OR_PASSWORD, "not the key of this device");
        }
        return new AuthenticationResult.Allow(new Principal(user, Set.of("devices"), "device-keys"));
    }

    private byte[] keyOf(String user) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(siteKey);
            byte[] digest = mac.doFinal(user.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).getBytes(StandardCharsets.US_ASCII);
        } catch (GeneralSecurityException impossible) {
            // Every Java has it.
            throw new IllegalStateException(impossible);
        }
    }
}
