// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal;

import io.courtier.listener.Counters;
import io.courtier.listener.ListenerLife;
import io.courtier.listener.SettingsReader;
import io.courtier.spi.transport.ConnectionAcceptor;
import io.courtier.spi.transport.EventLoops;
import io.courtier.spi.transport.Listener;
import io.courtier.spi.web.WebContent;
import io.courtier.transport.ws.internal.content.Mount;
import java.net.URI;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.LoggerFactory;

/**
 * One listener for each {@code etc/io.courtier.listener.ws-NAME.cfg}: opens as the file appears, closes as it goes. Content
 * of bundles comes and goes while clients stay connected.
 */
@Component(
        service = Listener.class,
        immediate = true,
        configurationPid = WsListener.FACTORY_PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Config.class, factory = true)
public final class WsListener implements Listener {
    static final String FACTORY_PID = "io.courtier.listener.ws";

    private final WsDoor door;
    private final ListenerLife<WsSettings> life;

    /** The highest ranked first, as service references compare. */
    private final Map<ServiceReference<WebContent>, Mount> mounts = new TreeMap<>(Collections.reverseOrder());

    @Activate
    public WsListener(
            @Reference EventLoops loops, @Reference ConnectionAcceptor acceptor, Map<String, Object> properties) {
        this(loops, acceptor, properties, ListenerLife.TICK_MILLIS);
    }

    WsListener(EventLoops loops, ConnectionAcceptor acceptor, Map<String, ?> properties, long tickMillis) {
        SettingsReader reader = reader(properties);
        door = new WsDoor(reader.name(), loops, acceptor);
        life = new ListenerLife<>(LoggerFactory.getLogger("io.courtier.transport.ws"), door, reader, tickMillis);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addContent(WebContent content, ServiceReference<WebContent> reference) {
        synchronized (mounts) {
            mounts.put(reference, Mount.of(content));
            door.offer(mounts.values().stream().toList());
        }
    }

    void removeContent(ServiceReference<WebContent> reference) {
        synchronized (mounts) {
            mounts.remove(reference);
            door.offer(mounts.values().stream().toList());
        }
    }

    @Modified
    void modified(Map<String, Object> properties) {
        life.follow(reader(properties));
    }

    @Deactivate
    void deactivate() {
        life.close();
    }

    private static SettingsReader reader(Map<String, ?> properties) {
        return new SettingsReader(FACTORY_PID, Config.class, properties);
    }

    @Nullable
    Counters counters() {
        return life.counters();
    }

    WsDoor door() {
        return door;
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
    public @Nullable String page() {
        URI url = URI.create(life.url());
        return door.hasPage()
                ? (url.getScheme().equals("wss") ? "https" : "http") + "://" + url.getAuthority() + "/"
                : null;
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
