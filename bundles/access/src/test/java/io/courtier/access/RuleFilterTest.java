// SPDX-License-Identifier: Apache-2.0
package io.courtier.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RuleFilterTest {
    @ParameterizedTest
    @CsvSource({
        // rule, subscription
        "a, a",
        "a/b, a/b",
        "+, a",
        "+, +",
        "+/b, a/b",
        "+/+, +/b",
        "a/#, a",
        "a/#, a/b",
        "a/#, a/+/c",
        "a/#, a/#",
        "a/#, a/b/#",
        "#, #",
        "#, +",
        "#, a/b/c",
        "#, +/#",
        "+/#, #",
        "+/#, a",
        "a/+/#, a/b/#",
        "$SYS/#, $SYS",
        "$SYS/#, $SYS/broker/+",
        "$SYS/+, $SYS/+",
        "$#, $SYS/#",
        "$#, $other",
        "#, $share/group/a/b",
        "a/#, $share/group/a/#",
        "$#, $share/group/$SYS/#"
    })
    void covers(String rule, String subscription) {
        assertThat(RuleFilter.parse(rule).covers(TopicFilter.of(subscription))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "a, b",
        "a, a/b",
        "a/b, a",
        "a, +",
        "a, #",
        "+, a/b",
        "+, #",
        "+/b, a/+",
        "a/+, a",
        "a/+, a/#",
        "a/+/#, a/#",
        "a/#, #",
        "a/#, +/b",
        "a/#, ab",
        "#, $SYS/#",
        "+/#, $SYS/#",
        "+/b, $a/b",
        "$SYS/#, $share/group/a",
        "$SYS/#, #",
        "$#, #",
        "$#, +",
        "#, $share/group/$SYS/#"
    })
    void coversNot(String rule, String subscription) {
        assertThat(RuleFilter.parse(rule).covers(TopicFilter.of(subscription))).isFalse();
    }

    /** Compares with what filters match, topic by topic: enough topics to tell all filters of three levels apart. */
    @Test
    void coversExactlyThatOfWhichItMatchesEveryTopic() {
        List<String> rules = new ArrayList<>(texts(3, "a", "b", "", "$s", "+"));
        rules.add("#");
        for (String text : texts(3, "a", "b", "", "$s", "+")) rules.add(text + "/#");
        rules.add("$#");
        List<TopicName> topics =
                texts(5, "a", "b", "z", "", "$s").stream().map(TopicName::of).toList();
        List<BitSet> matched = new ArrayList<>();
        for (String rule : rules) {
            BitSet set = new BitSet();
            for (int i = 0; i < topics.size(); i++)
                set.set(i, RuleFilter.parse(rule).matches(topics.get(i)));
            matched.add(set);
        }
        for (int rule = 0; rule < rules.size(); rule++) {
            for (int asked = 0; asked < rules.size(); asked++) {
                TopicFilter filter = TopicFilter.parse(rules.get(asked));
                if (filter == null) continue;
                BitSet missing = (BitSet) matched.get(asked).clone();
                missing.andNot(matched.get(rule));
                assertThat(RuleFilter.parse(rules.get(rule)).covers(filter))
                        .as("%s covers %s", rules.get(rule), filter)
                        .isEqualTo(missing.isEmpty());
            }
        }
    }

    private static List<String> texts(int levels, String... names) {
        List<String> all = new ArrayList<>(List.of(names));
        List<String> last = all;
        for (int level = 1; level < levels; level++) {
            List<String> longer = new ArrayList<>();
            for (String text : last) for (String name : names) longer.add(text + "/" + name);
            all = new ArrayList<>(all);
            all.addAll(longer);
            last = longer;
        }
        all.remove("");
        return all;
    }

    @Test
    void theDollarHashMatchesWhatBeginsWithADollar() {
        RuleFilter reserved = RuleFilter.parse("$#");
        assertThat(reserved.matches(TopicName.of("$SYS/broker"))).isTrue();
        assertThat(reserved.matches(TopicName.of("$TopicA/B"))).isTrue();
        assertThat(reserved.matches(TopicName.of("a/$b"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/#/b", "a+", "#a", "$#/a", "$share/group/a"})
    void refusesWhatIsNoFilterOrASharedOne(String text) {
        assertThat(RuleFilter.parse(text)).isNull();
    }
}
