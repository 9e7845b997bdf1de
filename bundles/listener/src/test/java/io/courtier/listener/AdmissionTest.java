// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class AdmissionTest {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final Admission admission = new Admission();

    @Test
    void letsAllInWithoutLimits() {
        assertThat(admission.refusal(1_000_000, 0, 0, 0)).isNull();
    }

    @Test
    void refusesTheThirdWhenTwoMayBeOpen() {
        assertThat(admission.refusal(1, 2, 0, 0)).isNull();
        assertThat(admission.refusal(2, 2, 0, 0)).contains("connections.max=2");
    }

    @Test
    void letsTheRateInAtOnceAndThenOneForEachShareOfASecond() {
        for (int i = 0; i < 10; i++) {
            assertThat(admission.refusal(0, 0, 10, 5)).isNull();
        }
        assertThat(admission.refusal(0, 0, 10, 5)).contains("connections.per.second=10");
        assertThat(admission.refusal(0, 0, 10, 5 + SECOND_NANOS / 10)).isNull();
        assertThat(admission.refusal(0, 0, 10, 5 + SECOND_NANOS / 10)).isNotNull();
    }

    @Test
    void savesNoMoreThanOneSecond() {
        assertThat(admission.refusal(0, 0, 2, 0)).isNull();
        long later = 3600 * SECOND_NANOS;
        assertThat(admission.refusal(0, 0, 2, later)).isNull();
        assertThat(admission.refusal(0, 0, 2, later)).isNull();
        assertThat(admission.refusal(0, 0, 2, later)).isNotNull();
    }

    @Test
    void warnsOnceInTenSecondsWithTheCount() {
        List<Object> counts = new ArrayList<>();
        Logger log = (Logger) java.lang.reflect.Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    Object[] values = (Object[]) arguments[1];
                    counts.add(values[2]);
                    return null;
                });
        AtomicLong clock = new AtomicLong(-5);
        FrequentWarning warning = new FrequentWarning(log, "tcp-test", clock::get);
        warning.happened("refused");
        warning.happened("refused");
        warning.happened("refused");
        assertThat(counts).containsExactly(1L);
        clock.addAndGet(10 * SECOND_NANOS);
        warning.tell();
        warning.tell();
        assertThat(counts).containsExactly(1L, 2L);
        warning.happened("refused");
        assertThat(counts).hasSize(2);
    }
}
