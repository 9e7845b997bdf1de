// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal;

import io.courtier.listener.Counters;
import io.courtier.listener.ListenerLife;
import io.courtier.listener.ListenerSettings;
import io.courtier.listener.SettingsReader;
import io.courtier.spi.transport.ConnectionAcceptor;
import io.courtier.spi.transport.EventLoops;
import io.courtier.spi.transport.Listener;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.LoggerFactory;

/** One listener for each {@code etc/io.courtier.listener.tcp-NAME.cfg}: opens as the file appears, closes as it goes. */
@Component(
        service = Listener.class,
        immediate = true,
        configurationPid = TcpListener.FACTORY_PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Config.class, factory = true)
public final class TcpListener implements Listener {
    static final String FACTORY_PID = "io.courtier.listener.tcp";

    private final ListenerLife<ListenerSettings> life;

    @Activate
    public TcpListener(
            @Reference EventLoops loops, @Reference ConnectionAcceptor acceptor, Map<String, Object> properties) {
        this(loops, acceptor, properties, ListenerLife.TICK_MILLIS);
    }

    TcpListener(EventLoops loops, ConnectionAcceptor acceptor, Map<String, ?> properties, long tickMillis) {
        SettingsReader reader = reader(properties);
        life = new ListenerLife<>(
                LoggerFactory.getLogger("io.courtier.transport.tcp"),
                new TcpDoor(reader.name(), loops, acceptor),
                reader,
                tickMillis);
    }

    @Modified
    void modified(Map<String, Object> properties) {
        life.follow(reader(properties));
    }

    @Deactivate
    void deactivate() {
        life.close();
    }

    @Nullable
    Counters counters() {
        return life.counters();
    }

    private static SettingsReader reader(Map<String, ?> properties) {
        return new SettingsReader(FACTORY_PID, Config.class, properties);
    }

    @Override
    public String name() {
        return life.name();
    }

    @Override
    public String url() {
        return life.url();
    }

    @Override
    public State state() {
        return life.state();
    }

    @Override
    public @Nullable String problem() {
        return life.problem();
    }

    @Override
    public int connections() {
        return life.connections();
    }
}
