// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.EnhancedAuthenticator;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import io.courtier.spi.intercept.PublishInterceptor;
import io.courtier.spi.transport.ConnectionInfo;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A plugin that throws opens no door, and breaks nothing but what it was asked. */
class ShardPluginsTest {
    private static final Permissions BROKEN = new Permissions() {
        @Override
        public boolean mayPublish(TopicName topic, QoS qos, boolean retain) {
            throw new IllegalStateException("a mistake");
        }

        @Override
        public boolean maySubscribe(TopicFilter filter, QoS qos) {
            throw new IllegalStateException("a mistake");
        }

        @Override
        public boolean limitsReceiving() {
            return true;
        }

        @Override
        public boolean mayReceive(TopicName topic) {
            throw new IllegalStateException("a mistake");
        }
    };

    private final PluginSnapshot.Holder holder = new PluginSnapshot.Holder();
    private final ShardPlugins plugins = new ShardPlugins(holder, null);

    @Test
    void permissionsThatThrowPermitNothing() {
        holder.current =
                new PluginSnapshot(List.of(), List.of(), (principal, client, on) -> BROKEN, new PublishInterceptor[0]);
        Permissions permissions = plugins.permissions(Principal.ANONYMOUS, "c", "l");
        TopicName topic = TopicName.of("t");
        assertThat(permissions.mayPublish(topic, QoS.AT_MOST_ONCE, false)).isFalse();
        assertThat(permissions.maySubscribe(TopicFilter.parse("t"), QoS.AT_MOST_ONCE))
                .isFalse();
        assertThat(permissions.limitsReceiving()).isTrue();
        assertThat(permissions.mayReceive(topic)).isFalse();
    }

    @Test
    void anEnhancedAuthenticatorThatThrowsSpeaksNoMethod() {
        EnhancedAuthenticator broken = new EnhancedAuthenticator() {
            @Override
            public String method() {
                return "M";
            }

            @Override
            public Exchange begin(AuthenticationRequest request) {
                throw new IllegalStateException("a mistake");
            }
        };
        holder.current = new PluginSnapshot(List.of(), List.of(broken), null, new PublishInterceptor[0]);
        ConnectionInfo info = new ConnectionInfo("t", "tcp", "127.0.0.1", 1, true, null);
        assertThat(plugins.enhanced("M", new AuthenticationRequest(info, ProtocolVersion.V5, "c", null, null)))
                .isNull();
    }
}
