// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionInfo;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was told, in words. */
final class ToldEvents implements CoreEvents {
    final List<String> told = new ArrayList<>();

    @Override
    public void refused(String client, ConnectionInfo info, ReasonCode reason, String why) {
        told.add("refused " + reason + ": " + why);
    }

    @Override
    public void refusedInStorm(String client, ConnectionInfo info, ReasonCode reason, String why) {
        told.add("refused in a storm " + reason);
    }

    @Override
    public void stormBegan(String client, ConnectionInfo newcomer, ConnectionInfo there, int takeOvers, int seconds) {
        told.add("storm began");
    }

    @Override
    public void stormEnded(String client, long refused) {
        told.add("storm ended after " + refused);
    }

    @Override
    public void limited(String client, ConnectionInfo info, String why, boolean disconnected) {
        told.add((disconnected ? "disconnected: " : "paused: ") + why);
    }

    @Override
    public void disconnected(String client, CloseCause cause, @Nullable ReasonCode reason, String why) {}

    long count(String what) {
        return told.stream().filter(each -> each.startsWith(what)).count();
    }
}
