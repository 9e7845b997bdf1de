// SPDX-License-Identifier: Apache-2.0
package org.example.devicekeys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.courtier.protocol.ProtocolVersion;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.transport.ConnectionInfo;
import java.lang.annotation.Annotation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeviceKeysTest {
    /** Of device-7, by: printf device-7 | openssl dgst -sha256 -hmac 'key of the plant' */
    private static final String KEY = "c1e7c79ccd0a3d14d8570717889e22c26f06847925cc99889bf32e1171393d1c";

    private final DeviceKeys authenticator = new DeviceKeys(config("key of the plant"));

    @Test
    void letsADeviceInByItsKey() {
        var allow = assertInstanceOf(AuthenticationResult.Allow.class, judged("device-7", KEY));
        assertEquals("device-7", allow.principal().userName());
        assertEquals(Set.of("devices"), allow.principal().roles());
    }

    @Test
    void keepsADeviceOutWithoutItsKey() {
        assertInstanceOf(AuthenticationResult.Deny.class, judged("device-7", null));
        assertInstanceOf(AuthenticationResult.Deny.class, judged("device-7", ""));
        assertInstanceOf(AuthenticationResult.Deny.class, judged("device-8", KEY));
    }

    @Test
    void leavesOthersToOthers() {
        assertInstanceOf(AuthenticationResult.Abstain.class, judged("ann", "secret"));
        assertInstanceOf(AuthenticationResult.Abstain.class, judged(null, null));
    }

    @Test
    void isNotThereWithoutAKey() {
        assertThrows(IllegalArgumentException.class, () -> new DeviceKeys(config("")));
    }

    private AuthenticationResult judged(String user, String password) {
        byte[] bytes = password == null ? null : password.getBytes(StandardCharsets.UTF_8);
        ConnectionInfo connection = new ConnectionInfo("tcp-default", "tcp", "192.0.2.7", 40_000, false, null);
        List<AuthenticationResult> answers = new ArrayList<>();
        authenticator.authenticate(
                new AuthenticationRequest(connection, ProtocolVersion.V5, "client", user, bytes), answers::add);
        assertEquals(1, answers.size());
        return answers.get(0);
    }

    private static DeviceKeys.Config config(String siteKey) {
        return new DeviceKeys.Config() {
            @Override
            public String site_key() {
                return siteKey;
            }

            @Override
            public String user_prefix() {
                return "device-";
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return DeviceKeys.Config.class;
            }
        };
    }
}
