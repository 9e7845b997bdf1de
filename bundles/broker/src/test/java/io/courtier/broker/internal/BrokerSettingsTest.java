// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.core.FairUse;
import io.courtier.core.Limits;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What {@code etc/io.courtier.broker.cfg} says, and what becomes of it. */
class BrokerSettingsTest {
    private static final Path FILE = Path.of("src/main/cfg/io.courtier.broker.cfg");

    /** The settings as Declarative Services give them. */
    private static BrokerComponent.Config config(Map<String, Object> set) {
        return (BrokerComponent.Config) Proxy.newProxyInstance(
                BrokerComponent.Config.class.getClassLoader(),
                new Class<?>[] {BrokerComponent.Config.class},
                (proxy, method, none) -> set.getOrDefault(key(method), method.getDefaultValue()));
    }

    private static String key(Method method) {
        return method.getName().replace('_', '.');
    }

    @Test
    void theFileNamesEverySettingAndNoOther() throws IOException {
        List<String> settings = new ArrayList<>();
        for (Method method : BrokerComponent.Config.class.getDeclaredMethods()) settings.add(key(method));
        List<String> named = Files.readAllLines(FILE).stream()
                .filter(line -> line.matches("#?[a-z0-9.]+ = ?.*"))
                .map(line -> line.substring(line.startsWith("#") ? 1 : 0, line.indexOf(" =")))
                .toList();
        assertThat(named).containsExactlyInAnyOrderElementsOf(settings);
    }

    @Test
    void withoutAnySettingNobodyHasARateAndStormsAreDamped() {
        Limits limits = BrokerComponent.limits(config(Map.of()), 2);
        assertThat(limits.fairUse()).isEqualTo(FairUse.DEFAULT);
        assertThat(FairUse.DEFAULT.takeOversMax()).isPositive();
    }

    @Test
    void eachSettingOfFairUseFindsItsPlace() {
        Map<String, Object> set = Map.ofEntries(
                Map.entry("client.connects.per.minute", 1),
                Map.entry("user.connects.per.minute", 2),
                Map.entry("client.messages.per.second", 3),
                Map.entry("client.bytes.per.second", 4L),
                Map.entry("user.messages.per.second", 5),
                Map.entry("user.bytes.per.second", 6L),
                Map.entry("message.burst.seconds", 7),
                Map.entry("message.rate.action", "disconnect"),
                Map.entry("sessions.per.user.max", 8),
                Map.entry("takeover.max", 9),
                Map.entry("takeover.seconds", 11));
        assertThat(BrokerComponent.limits(config(set), 1).fairUse())
                .isEqualTo(new FairUse(1, 2, 3, 4, 5, 6, 7, FairUse.Excess.DISCONNECT, 8, 9, 11));
    }

    @Test
    void whatNobodyCouldMeanIsRefused() {
        assertThatThrownBy(() -> BrokerComponent.limits(config(Map.of("message.rate.action", "shout")), 1))
                .hasMessageContaining("message.rate.action");
        assertThatThrownBy(() -> BrokerComponent.limits(config(Map.of("takeover.seconds", 0)), 1))
                .hasMessageContaining("takeOverSeconds");
        assertThatThrownBy(() -> BrokerComponent.limits(config(Map.of("client.messages.per.second", -1)), 1))
                .hasMessageContaining("clientMessagesPerSecond");
    }
}
