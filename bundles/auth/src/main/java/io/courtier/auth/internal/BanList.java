// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.api.Broker;
import io.courtier.api.ClientInfo;
import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Gatekeeper;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns away whom {@code etc/courtier-bans} names, and disconnects who is there when it comes to name them. */
@Component(immediate = true)
public final class BanList implements Gatekeeper {
    private static final Logger LOG = LoggerFactory.getLogger(BanList.class);

    private final Path path;
    private final Clock clock;
    private final FollowedFile file;
    private volatile Bans bans = Bans.NONE;
    private volatile @Nullable Broker broker;

    @Activate
    public BanList() {
        this(EtcFile.of("", "courtier-bans"), Clock.systemUTC());
        file.follow();
    }

    BanList(Path path, Clock clock) {
        this.path = path;
        this.clock = clock;
        file = new FollowedFile(path, this::read);
        file.look();
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void bindBroker(Broker running) {
        broker = running;
    }

    void unbindBroker(Broker gone) {
        broker = null;
    }

    @Deactivate
    void deactivate() {
        file.close();
    }

    void look() {
        file.look();
    }

    private void read(FollowedFile.Content content) {
        if (content instanceof FollowedFile.Content.Lines text) {
            try {
                bans = Bans.parse(text.lines());
                LOG.info("file={} bans={}", path, bans.size());
                disconnectWhoIsBanned();
            } catch (BrokenLine broken) {
                LOG.error("file={} {}; the {} bans from before stay", path, broken.getMessage(), bans.size());
            }
        } else if (content instanceof FollowedFile.Content.Unreadable unreadable) {
            LOG.error("file={} {}; the {} bans from before stay", path, unreadable.why(), bans.size());
        } else {
            bans = Bans.NONE;
        }
    }

    private void disconnectWhoIsBanned() {
        Broker running = broker;
        if (running == null || bans.size() == 0) return;
        running.clients(clients -> {
            Instant now = clock.instant();
            for (ClientInfo client : clients) {
                int line = bans.lineFor(client.clientIdentifier(), client.userName(), client.remoteAddress(), now);
                if (line == 0) continue;
                LOG.info("client={} is disconnected, banned by line {} of {}", client.clientIdentifier(), line, path);
                running.disconnect(client.clientIdentifier());
            }
        });
    }

    @Override
    public AuthenticationResult.@Nullable Deny refuses(AuthenticationRequest request) {
        int line = bans.lineFor(
                request.clientIdentifier(),
                request.userName(),
                request.connection().remoteAddress(),
                clock.instant());
        return line == 0
                ? null
                : new AuthenticationResult.Deny(
                        ReasonCode.BANNED, "banned by line " + line + " of " + path.getFileName());
    }
}
