/**
 * The law of the broker: connections, sessions, routing. Pure: no threads, clocks, sockets or futures. A {@link
 * io.courtier.core.Shard} is everything one event loop owns, and the only door to it; the server runs several, the browser
 * one, a simulator all of them in one thread.
 *
 * <p>Exported by nobody: the broker bundle embeds it.
 */
@NullMarked
package io.courtier.core;

import org.jspecify.annotations.NullMarked;
