// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.core.FairUse;
import io.courtier.core.Limits;
import java.lang.reflect.RecordComponent;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TabLimitsTest {
    private static final Limits USUAL = TabLimits.of(Map.of());

    @Test
    void whatIsHeldForClientsIsLessThanInAServer() {
        assertThat(USUAL.shardQueueBytesMax()).isLessThan(Limits.DEFAULT.shardQueueBytesMax());
        assertThat(USUAL.retainedBytesMax()).isLessThan(Limits.DEFAULT.retainedBytesMax());
        assertThat(USUAL.sessionsMax()).isLessThan(Limits.DEFAULT.sessionsMax());
        assertThat(USUAL.fairUse()).isEqualTo(FairUse.DEFAULT);
    }

    /** Each name on its own, so that none is mistaken for another. */
    @Test
    void haveEveryNameThatTheCoreHas() throws ReflectiveOperationException {
        for (RecordComponent component : Limits.class.getRecordComponents()) {
            if (component.getName().equals("fairUse")) continue;
            Object other = otherThan(component.getAccessor().invoke(USUAL));
            Limits limits = TabLimits.of(Map.of(component.getName(), "" + other));
            assertThat(component.getAccessor().invoke(limits))
                    .as(component.getName())
                    .isEqualTo(other);
            assertThat(differences(limits, USUAL)).containsOnlyKeys(component.getName());
        }
        for (RecordComponent component : FairUse.class.getRecordComponents()) {
            Object other = otherThan(component.getAccessor().invoke(FairUse.DEFAULT));
            FairUse use = TabLimits.of(Map.of(component.getName(), "" + other)).fairUse();
            assertThat(component.getAccessor().invoke(use))
                    .as(component.getName())
                    .isEqualTo(other);
            assertThat(differences(use, FairUse.DEFAULT)).containsOnlyKeys(component.getName());
        }
    }

    private static Object otherThan(Object value) {
        if (value instanceof Boolean either) return !either;
        if (value instanceof Long number) return number == 0 ? 1L : number - 1;
        if (value instanceof Integer number) return number < 2 ? number + 1 : number - 1;
        if (value instanceof Enum<?> constant)
            return constant.getDeclaringClass().getEnumConstants()[constant.ordinal() == 0 ? 1 : 0];
        return "other";
    }

    private static Map<String, Object> differences(Record one, Record other) throws ReflectiveOperationException {
        Map<String, Object> differences = new HashMap<>();
        for (RecordComponent component : one.getClass().getRecordComponents()) {
            Object value = component.getAccessor().invoke(one);
            if (!value.equals(component.getAccessor().invoke(other))) differences.put(component.getName(), value);
        }
        return differences;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sessions | 5 | sessions is no limit",
                "sessionsMax | many | sessionsMax is a whole number, not many",
                "sessionsMax | -1 | sessionsMax is a whole number, not -1",
                "sessionsMax | 1.5 | sessionsMax is a whole number, not 1.5",
                "sessionsMax | 3000000000 | sessionsMax is too large",
                "maximumQoS | 3 | maximumQoS must be 0 to 2",
                "retainAvailable | yes | retainAvailable is true or false, not yes",
                "queueFull | DROP | queueFull is DROP_NEWEST, DROP_OLDEST or REFUSE, not DROP",
                "excess | drop | excess is PAUSE or DISCONNECT, not drop"
            })
    void sayWhatIsWrong(String name, String value, String why) {
        assertThatThrownBy(() -> TabLimits.of(Map.of(name, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }
}
