// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener;

import io.courtier.listener.tls.TlsMaterial;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What one kind of listener does; {@link ListenerLife} decides when. Called by one thread at a time and never on an event
 * loop, except for {@link #connections}.
 *
 * @param <S> the settings of this kind
 */
public interface Door<S> {
    S read(SettingsReader reader) throws CannotOpen;

    /** What of them all listeners have. */
    ListenerSettings listener(S settings);

    /**
     * Listens, or goes on by other settings. Connections stay, new ones get the new terms. Returns the address with the
     * port that the system chose.
     */
    InetSocketAddress open(S settings, @Nullable TlsMaterial tls) throws CannotOpen;

    /** New certificates for new connections. */
    void renew(TlsMaterial tls) throws CannotOpen;

    /** Accepts no more. Connections stay. */
    void shut();

    /** Ends the connections: each has what was sent to it, or is cut off in the end. False if one had to be. */
    boolean empty(long nanos) throws InterruptedException;

    int connections();

    /** Looks after what needs it now and then. */
    void tick();

    /** {@code mqtt} or {@code mqtts}. */
    String scheme(S settings);

    /** What comes behind the authority of the URL: a path or nothing. */
    String path(S settings);

    /** For the log, when it opens: {@code io=epoll tls=openssl}. */
    String workings();

    /** Null before it was open for the first time. */
    @Nullable
    Counters counters();
}
