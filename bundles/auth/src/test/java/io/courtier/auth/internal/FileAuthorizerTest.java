// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.api.AccessDifference;
import io.courtier.api.AccessDifference.Action;
import io.courtier.api.AccessRules;
import io.courtier.api.AccessTrial;
import io.courtier.api.Explanation.Decision;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.spi.auth.Authorizer;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

class FileAuthorizerTest {
    @TempDir
    Path directory;

    /** The services that are registered, oldest first, and how few there ever were since the first. */
    private final List<Authorizer> services = new ArrayList<>();

    private int fewest = Integer.MAX_VALUE;
    private final BundleContext context = (BundleContext) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {BundleContext.class}, (proxy, method, arguments) -> {
                assertThat(method.getName()).isEqualTo("registerService");
                Dictionary<?, ?> properties = (Dictionary<?, ?>) arguments[2];
                assertThat(properties.get("service.ranking")).isEqualTo(-1_000);
                // By this the broker knows that one replaces the other, and does not wait for the one that goes.
                assertThat(properties.get("component.name")).isEqualTo(FileAuthorizer.class.getName());
                services.add((Authorizer) arguments[1]);
                return registration((Authorizer) arguments[1]);
            });

    private ServiceRegistration<?> registration(Authorizer service) {
        return (ServiceRegistration<?>) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ServiceRegistration.class}, (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("unregister");
                    assertThat(services.remove(service)).isTrue();
                    fewest = Math.min(fewest, services.size());
                    return null;
                });
    }

    @Test
    void replacesItsServiceWhenTheRulesChangeAndIsNeverWithoutOne() throws IOException {
        Path one = Files.writeString(directory.resolve("one"), "allow publish a");
        Path other = Files.writeString(directory.resolve("other"), "allow publish b");
        FileAuthorizer component = new FileAuthorizer(context, config(one), Map.of());
        assertThat(mayPublish("a")).isTrue();
        component.modified(config(other), Map.of());
        assertThat(mayPublish("a")).isFalse();
        assertThat(mayPublish("b")).isTrue();
        assertThat(fewest).isEqualTo(1);
        component.deactivate();
        assertThat(services).isEmpty();
    }

    @Test
    void registersAnAuthorizerThatAllowsNothingWithoutAFile() {
        FileAuthorizer component = new FileAuthorizer(context, config(directory.resolve("none")), Map.of());
        assertThat(mayPublish("a")).isFalse();
        component.deactivate();
    }

    @Test
    void reportsKeysThatItDoesNotKnow() {
        try (Logged logged = new Logged()) {
            new FileAuthorizer(
                            context,
                            config(directory.resolve("none")),
                            Map.of("fiel", "x", "file", "y", "service.pid", "z", "felix.fileinstall.filename", "f"))
                    .deactivate();
            assertThat(logged.lines("WARN")).singleElement().asString().endsWith("io.courtier.auth.acl.cfg: fiel");
        }
    }

    @Test
    void rulesThatAreTriedDecideNothingAndTellWhatTheyWouldDecideOtherwise() throws IOException {
        FileAuthorizer component = live("allow publish a/#", "deny receive s/#", "allow subscribe #");
        Path next =
                file("next", "deny publish a/b retain", "allow publish a/#", "allow publish x", "allow subscribe s/#");
        assertThat(component.tryOut(next.toString()).rules()).isEqualTo(4);
        Permissions pump = permissions("pump-7");
        assertThat(pump.mayPublish(TopicName.of("a/b"), QoS.AT_LEAST_ONCE, true))
                .isTrue();
        assertThat(pump.mayPublish(TopicName.of("a/b"), QoS.AT_LEAST_ONCE, false))
                .isTrue();
        assertThat(pump.mayPublish(TopicName.of("x"), QoS.AT_MOST_ONCE, false)).isFalse();
        assertThat(pump.mayPublish(TopicName.of("x"), QoS.AT_MOST_ONCE, false)).isFalse();
        assertThat(pump.maySubscribe(TopicFilter.of("a/+"), QoS.EXACTLY_ONCE)).isTrue();
        assertThat(pump.mayReceive(TopicName.of("s/1"))).isFalse();
        assertThat(pump.whyPublish(TopicName.of("x"), QoS.AT_MOST_ONCE, false)).isEqualTo("no rule matches");
        assertThat(pump.whySubscribe(TopicFilter.of("a/+"), QoS.EXACTLY_ONCE)).isEqualTo("line 3: allow subscribe #");
        assertThat(pump.whyReceive(TopicName.of("s/1"))).isEqualTo("line 2: deny receive s/#");
        AccessTrial found = component.trial();
        assertThat(found.asked()).isEqualTo(6);
        assertThat(found.different()).isEqualTo(5);
        assertThat(found.file()).isEqualTo(next.toString());
        assertThat(found.differences())
                .containsExactly(
                        new AccessDifference(
                                "pump-7",
                                "joe",
                                Action.RECEIVE,
                                "s/1",
                                0,
                                false,
                                new Decision(false, "line 2: deny receive s/#"),
                                new Decision(true, "line 4: allow subscribe s/#"),
                                1),
                        new AccessDifference(
                                "pump-7",
                                "joe",
                                Action.SUBSCRIBE,
                                "a/+",
                                2,
                                false,
                                new Decision(true, "line 3: allow subscribe #"),
                                new Decision(false, "no rule matches"),
                                1),
                        new AccessDifference(
                                "pump-7",
                                "joe",
                                Action.PUBLISH,
                                "x",
                                0,
                                false,
                                new Decision(false, "no rule matches"),
                                new Decision(true, "line 3: allow publish x"),
                                2),
                        new AccessDifference(
                                "pump-7",
                                "joe",
                                Action.PUBLISH,
                                "a/b",
                                1,
                                true,
                                new Decision(true, "line 1: allow publish a/#"),
                                new Decision(false, "line 1: deny publish a/b retain"),
                                1));
        component.deactivate();
    }

    @Test
    void isAskedAboutReceivingWhereTheTriedRulesMightHoldSomethingBack() throws IOException {
        FileAuthorizer component = live("allow all #", "allow all $#");
        component.tryOut(
                file("next", "deny receive s/#", "allow all #", "allow all $#").toString());
        assertThat(permissions("pump-7").limitsReceiving()).isTrue();
        assertThat(permissions("pump-7").mayReceive(TopicName.of("s/1"))).isTrue();
        assertThat(component.trial().differences()).singleElement().satisfies(each -> assertThat(each.action())
                .isEqualTo(Action.RECEIVE));
        component.stop();
        assertThat(permissions("pump-7").limitsReceiving()).isFalse();
        component.deactivate();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "permit all # | line 2: permit is not allow or deny",
                "allow all # role | line 2: role has nothing after it",
                "allow all a/#/b | line 2: a/#/b is no topic filter",
                "allow all \"a | line 2: in \"a a quote has no end"
            })
    void namesTheLineAndTheWordThatIsWrongInATriedFileAndChangesNothing(String line, String why) throws IOException {
        FileAuthorizer component = live("allow publish a");
        Authorizer before = services.get(0);
        String broken = file("next", "allow publish b", line).toString();
        assertThatThrownBy(() -> component.tryOut(broken))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(broken + " " + why);
        assertThat(component.trial()).isNull();
        assertThat(services).containsExactly(before);
        component.deactivate();
    }

    @Test
    void aBrokenFileLeavesTheTrialThatRunsAlone() throws IOException {
        FileAuthorizer component = live("allow publish a");
        component.tryOut(file("next", "allow publish b").toString());
        Path broken = file("broken", "allow");
        assertThatThrownBy(() -> component.tryOut(broken.toString())).hasMessageContaining("line 1: a rule is");
        assertThat(component.trial().file()).endsWith("next");
        component.deactivate();
    }

    @Test
    void triesNoFileThatIsMissingTooLargeOrNotUtf8() throws IOException {
        FileAuthorizer component = live("allow publish a");
        Path next = directory.resolve("next");
        assertThatThrownBy(() -> component.tryOut(next.toString())).hasMessage(next + " is missing");
        Files.write(next, new byte[] {'#', (byte) 0xFF, '\n'});
        assertThatThrownBy(() -> component.tryOut(next.toString())).hasMessageContaining("it is not UTF-8");
        try (RandomAccessFile large = new RandomAccessFile(next.toFile(), "rw")) {
            large.setLength(FollowedFile.BYTES_MAX + 1);
        }
        assertThatThrownBy(() -> component.tryOut(next.toString())).hasMessageContaining("larger than 16777216 bytes");
        assertThatThrownBy(() -> component.tryOut(" ")).isInstanceOf(IllegalArgumentException.class);
        component.deactivate();
    }

    @Test
    void commitPutsTheTriedRulesInPlaceAsTheyWereReadAndKeepsTheOnesBefore() throws IOException {
        FileAuthorizer component = live("# of old", "allow publish a");
        Path next = file("next", "# new", "allow publish b", "allow publish c");
        component.tryOut(next.toString());
        Files.writeString(next, "allow all #\n");
        assertThat(component.commit()).isEqualTo(new AccessRules(acl().toString(), 2, before().toString()));
        assertThat(mayPublish("a")).isFalse();
        assertThat(mayPublish("b")).isTrue();
        assertThat(acl()).hasContent("# new\nallow publish b\nallow publish c");
        assertThat(before()).hasContent("# of old\nallow publish a");
        assertThat(component.trial()).isNull();
        assertThat(fewest).isEqualTo(1);
        component.deactivate();
    }

    @Test
    void rollbackPutsTheRulesFromBeforeInPlaceAndOnceMoreUndoesThat() throws IOException {
        FileAuthorizer component = live("allow publish a");
        component.tryOut(file("next", "allow publish b").toString());
        component.commit();
        assertThat(component.rollback()).isEqualTo(new AccessRules(acl().toString(), 1, before().toString()));
        assertThat(mayPublish("a")).isTrue();
        assertThat(before()).hasContent("allow publish b");
        component.rollback();
        assertThat(mayPublish("b")).isTrue();
        assertThat(before()).hasContent("allow publish a");
        assertThat(fewest).isEqualTo(1);
        assertThat(directory).isDirectoryNotContaining("glob:**.replaced");
        component.deactivate();
    }

    @Test
    void commitsWhereThereWereNoRulesAndThenHasNoneToGoBackTo() throws IOException {
        FileAuthorizer component = new FileAuthorizer(context, config(acl()), Map.of());
        component.tryOut(file("next", "allow publish b").toString());
        assertThat(component.commit()).isEqualTo(new AccessRules(acl().toString(), 1, null));
        assertThat(mayPublish("b")).isTrue();
        assertThatThrownBy(component::rollback)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nothing was committed");
        assertThat(mayPublish("b")).isTrue();
        component.deactivate();
    }

    @Test
    void commitNeedsATrialOfOtherRules() throws IOException {
        FileAuthorizer component = live("allow publish a");
        assertThatThrownBy(component::commit)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no rules");
        component.tryOut(file("next", "allow publish b").toString());
        component.commit();
        component.tryOut(file("next", "allow publish b").toString());
        assertThatThrownBy(component::commit)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("already");
        assertThat(before()).hasContent("allow publish a");
        component.deactivate();
    }

    @ParameterizedTest
    @ValueSource(strings = {"allow publish mine", "allow nonsense"})
    void whatSomebodyWroteAndDoesNotCountIsNotOverwritten(String written) throws IOException {
        FileAuthorizer component = live("allow publish a");
        component.tryOut(file("next", "allow publish b").toString());
        component.commit();
        component.tryOut(file("next", "allow publish c").toString());
        file("courtier-acl", written);
        assertThatThrownBy(component::commit)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(acl() + " was changed");
        assertThatThrownBy(component::rollback)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(acl() + " was changed");
        assertThat(acl()).hasContent(written);
        assertThat(before()).hasContent("allow publish a");
        assertThat(mayPublish("b")).isTrue();
        component.deactivate();
    }

    @Test
    void aBrokenFileFromBeforeSaysItsLineAndTheRulesStay() throws IOException {
        FileAuthorizer component = live("allow publish a");
        component.tryOut(file("next", "allow publish b").toString());
        component.commit();
        Files.writeString(before(), "allow publish a\nallow\n");
        assertThatThrownBy(component::rollback)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(before() + " line 2");
        assertThat(mayPublish("b")).isTrue();
        component.deactivate();
    }

    @Test
    void whoMayReadTheRulesMayReadTheNextOnes() throws IOException {
        FileAuthorizer component = live("allow publish a");
        Set<PosixFilePermission> mode = PosixFilePermissions.fromString("rw-r-----");
        Files.setPosixFilePermissions(acl(), mode);
        component.tryOut(file("next", "allow publish b").toString());
        component.commit();
        assertThat(Files.getPosixFilePermissions(acl())).isEqualTo(mode);
        assertThat(Files.getPosixFilePermissions(before())).isEqualTo(mode);
        component.deactivate();
    }

    @Test
    void aTrialBeginsAnewWhenOtherRulesCountAndEndsWhenItsOwnDo() throws IOException {
        FileAuthorizer component = live("allow publish a");
        component.tryOut(file("next", "allow publish b").toString());
        assertThat(mayPublish("b")).isFalse();
        assertThat(component.trial().different()).isEqualTo(1);
        component.modified(config(file("other", "deny publish c", "allow publish b")), Map.of());
        assertThat(component.trial().asked()).isZero();
        assertThat(mayPublish("b")).isTrue();
        assertThat(component.trial().different()).isZero();
        component.modified(config(file("same", "allow publish b")), Map.of());
        assertThat(component.trial()).isNull();
        component.deactivate();
    }

    @Test
    void aTrialThatIsStoppedTellsWhatItFoundAndIsOver() throws IOException {
        FileAuthorizer component = live("allow publish a");
        assertThat(component.stop()).isNull();
        component.tryOut(file("next", "allow publish b").toString());
        mayPublish("b");
        assertThat(component.stop().different()).isEqualTo(1);
        assertThat(component.trial()).isNull();
        assertThat(mayPublish("a")).isTrue();
        assertThat(acl()).hasContent("allow publish a");
        assertThat(before()).doesNotExist();
        assertThat(fewest).isEqualTo(1);
        component.deactivate();
    }

    private FileAuthorizer live(String... lines) throws IOException {
        return new FileAuthorizer(context, config(file("courtier-acl", lines)), Map.of());
    }

    private Path file(String name, String... lines) throws IOException {
        return Files.write(directory.resolve(name), List.of(lines));
    }

    private Path acl() {
        return directory.resolve("courtier-acl");
    }

    private Path before() {
        return directory.resolve("courtier-acl.before");
    }

    private boolean mayPublish(String topic) {
        return permissions("pump-7").mayPublish(TopicName.of(topic), QoS.AT_MOST_ONCE, false);
    }

    private Permissions permissions(String client) {
        assertThat(services).hasSize(1);
        return services.get(0).permissions(new Principal("joe", Set.of(), "file"), client, "tcp-default");
    }

    private static FileAuthorizer.Config config(Path file) {
        return new FileAuthorizer.Config() {
            @Override
            public String file() {
                return file.toString();
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return FileAuthorizer.Config.class;
            }
        };
    }
}
