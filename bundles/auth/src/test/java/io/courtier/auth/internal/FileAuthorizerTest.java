// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicName;
import io.courtier.spi.auth.Authorizer;
import io.courtier.spi.auth.Principal;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
                assertThat(((Dictionary<?, ?>) arguments[2]).get("service.ranking"))
                        .isEqualTo(-1_000);
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

    private boolean mayPublish(String topic) {
        assertThat(services).hasSize(1);
        return services.get(0)
                .permissions(Principal.ANONYMOUS, "pump-7", "tcp-default")
                .mayPublish(TopicName.of(topic), QoS.AT_MOST_ONCE, false);
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
