// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.access.AccessList;
import io.courtier.access.BrokenRule;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The list that comes with the broker, as somebody finds it who looks for the first time. */
class ShippedAccessListTest {
    @Test
    void theListThatIsShippedAllowsAllButToSpeakForTheBroker() throws IOException, BrokenRule {
        List<String> lines = Files.readAllLines(Path.of("src/main/cfg/courtier-acl"));
        Permissions joe = AccessList.parse(lines).permissions(Principal.ANONYMOUS, "pump-7", "tcp-default");
        assertThat(publish(joe, "a/b")).isTrue();
        assertThat(publish(joe, "$TopicA/B")).isTrue();
        assertThat(publish(joe, "$SYS/broker/version")).isFalse();
        for (String filter : List.of("#", "+/+", "$SYS/#", "$TopicA/B", "$share/group/a/#")) {
            assertThat(subscribe(joe, filter)).as(filter).isTrue();
        }
        assertThat(joe.limitsReceiving()).isFalse();
    }

    @Test
    void theExamplesInTheListThatIsShippedAreRules() throws IOException, BrokenRule {
        List<String> examples = Files.readAllLines(Path.of("src/main/cfg/courtier-acl")).stream()
                .filter(line -> line.matches("# +(allow|deny) .*") && !line.contains("|"))
                .map(line -> line.substring(1))
                .toList();
        assertThat(AccessList.parse(examples).size()).isEqualTo(6);
    }

    private static boolean publish(Permissions permissions, String topic) {
        return permissions.mayPublish(TopicName.of(topic), QoS.AT_MOST_ONCE, false);
    }

    private static boolean subscribe(Permissions permissions, String filter) {
        return permissions.maySubscribe(TopicFilter.of(filter), QoS.AT_MOST_ONCE);
    }
}
