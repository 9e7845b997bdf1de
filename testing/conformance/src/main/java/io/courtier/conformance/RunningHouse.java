// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import io.courtier.broker.internal.PluginSnapshot;
import io.courtier.broker.internal.RunningBroker;
import io.courtier.core.Limits;
import io.courtier.core.Stores;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.auth.EnhancedAuthenticator;
import io.courtier.spi.intercept.PublishInterceptor;
import java.util.List;

/** The broker as it runs behind a listener, with two event loops, no OSGi and the house's own rules. */
final class RunningHouse {
    private RunningHouse() {}

    static RunningBroker open(Limits limits) {
        return open(limits, Stores.NONE);
    }

    static RunningBroker open(Limits limits, Stores stores) {
        PluginSnapshot.Holder plugins = new PluginSnapshot.Holder();
        RunningBroker broker = new RunningBroker("test", "auto", 2, limits, 0, plugins, stores);
        broker.start();
        Authenticator authenticator = (request, answer) -> answer.accept(HouseRules.authenticate(request));
        EnhancedAuthenticator riddle = new EnhancedAuthenticator() {
            @Override
            public String method() {
                return HouseRules.METHOD;
            }

            @Override
            public Exchange begin(AuthenticationRequest request) {
                return HouseRules.exchange();
            }
        };
        broker.plugins(new PluginSnapshot(
                List.of(authenticator),
                List.of(riddle),
                (principal, client, on) -> HouseRules.PERMISSIONS,
                new PublishInterceptor[0]));
        return broker;
    }
}
