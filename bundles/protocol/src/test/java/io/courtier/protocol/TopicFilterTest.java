// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicFilterTest {
    @ParameterizedTest
    @CsvSource({
        "a,            a,         true",
        "a,            A,         false",
        "a,            a/,        false",
        "a/,           a,         false",
        "/a,           a,         false",
        "/a,           /a,        true",
        "a/b,          a/b,       true",
        "a/b,          a,         false",
        "a,            a/b,       false",
        "/,            /,         true",
        "//,           //,        true",
        "//,           /,         false",
        "#,            a,         true",
        "#,            a/b/c,     true",
        "#,            /,         true",
        "a/#,          a,         true",
        "a/#,          a/,        true",
        "a/#,          a/b,       true",
        "a/#,          a/b/c,     true",
        "a/#,          ab,        false",
        "a/#,          b,         false",
        "a/b/#,        a,         false",
        "a/b/#,        a/b,       true",
        "a//#,         a/,        true",
        "a//#,         a/b,       false",
        "/#,           a,         false",
        "/#,           /a,        true",
        "/#,           /,         true",
        "+,            a,         true",
        "+,            a/,        false",
        "+,            /a,        false",
        "+,            a/b,       false",
        "+/+,          /,         true",
        "+/+,          a/b,       true",
        "+/+,          a/b/c,     false",
        "/+,           /a,        true",
        "/+,           /,         true",
        "/+,           a,         false",
        "+/#,          a,         true",
        "+/#,          a/b/c,     true",
        "+/#,          /,         true",
        "a/+,          a,         false",
        "a/+,          a/,        true",
        "a/+,          a/b,       true",
        "a/+,          a/b/c,     false",
        "a/+/c,        a/b/c,     true",
        "a/+/c,        a//c,      true",
        "a/+/c,        a/b/d,     false",
        "a/+/c,        a/b/c/d,   false",
        "a/+/#,        a,         false",
        "a/+/#,        a/b,       true",
        "a/+/#,        a/b/c/d,   true",
        "+/b/#,        a/b,       true",
        "+/b/#,        a/c,       false",
        "a/+/+/d,      a/b/c/d,   true",
        "ä/+,          ä/ö,       true",
        "$SYS/#,       $SYS,      true",
        "$SYS/#,       $SYS/a/b,  true",
        "$SYS/+/b,     $SYS/a/b,  true",
        "#,            $SYS/a,    false",
        "+/a,          $SYS/a,    false",
        "+/#,          $SYS/a,    false",
        "+,            $SYS,      false",
        "a/#,          a/$SYS,    true",
        "a/+,          a/$b,      true",
        "$share/g/#,   a,         true",
        "$share/g/#,   $SYS/a,    false",
        "$share/g/+/b, a/b,       true",
        "$share/g//a,  /a,        true",
        "$share/g/a,   a,         true",
        "$share/g/a,   g/a,       false",
        "$shared/a,    $shared/a, true"
    })
    @Spec({"MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.2-1", "MQTT-4.7.3-4"})
    void matches(String filter, String topic, boolean expected) {
        assertThat(TopicFilter.of(filter).matches(TopicName.of(topic))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a#",
                "a/#b",
                "#/a",
                "a/#/b",
                "##",
                "a+",
                "+a",
                "a/b+/c",
                "++",
                "a\0b",
                "\uD800",
                "$share",
                "$share/",
                "$share/g",
                "$share/g/",
                "$share//a",
                "$share/+/a",
                "$share/#/a",
                "$share/g+/a",
                "$share/g/a#"
            })
    @Spec({"MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.3-1", "MQTT-4.7.3-2", "MQTT-4.8.2-1", "MQTT-4.8.2-2"})
    void refuses(String text) {
        assertThat(TopicFilter.parse(text)).isNull();
        assertThatThrownBy(() -> TopicFilter.of(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @Spec("MQTT-4.7.3-3")
    void refusesMoreThan65535Bytes() {
        assertThat(TopicFilter.parse("a".repeat(65_535))).isNotNull();
        assertThat(TopicFilter.parse("a".repeat(65_536))).isNull();
        assertThat(TopicFilter.parse("\u20AC".repeat(21_846))).isNull();
    }

    @Test
    @Spec({"MQTT-4.8.2-1", "MQTT-4.8.2-2"})
    void splitsOffTheShareName() {
        TopicFilter filter = TopicFilter.of("$share/g/a/+");
        assertThat(filter.shareName()).isEqualTo("g");
        assertThat(filter.levels()).containsExactly("a", "+");
        assertThat(filter.hasWildcards()).isTrue();
        assertThat(filter).hasToString("$share/g/a/+").isNotEqualTo(TopicFilter.of("a/+"));
        assertThat(TopicFilter.of("$sharex/g/a").isShared()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "/", "a/b", "$SYS/a", " ", "\uFEFF", "a\u0001b"})
    void aTopicNameIsBothWays(String text) {
        TopicName topic = TopicName.of(text);
        byte[] padded = new byte[topic.length() + 2];
        System.arraycopy(topic.utf8(), 0, padded, 1, topic.length());
        TopicName again = TopicName.decode(padded, 1, topic.length());
        assertThat(again).isEqualTo(topic).hasSameHashCodeAs(topic).hasToString(text);
        assertThat(TopicName.hash(padded, 1, topic.length())).isEqualTo(topic.hashCode());
        assertThat(String.join("/", topic.levels())).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "#", "+", "a/+", "a#", "a\0"})
    @Spec({"MQTT-4.7.0-1", "MQTT-4.7.3-1", "MQTT-4.7.3-2"})
    void noTopicName(String text) {
        assertThatThrownBy(() -> TopicName.of(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
