/**
 * One suite, several doors: the same scenarios walk the core in memory, with a clock that they move, and the whole broker
 * over TCP and over WebSocket. A scenario speaks in control packets and knows nothing of what is behind the door.
 */
@NullMarked
package io.courtier.conformance;

import org.jspecify.annotations.NullMarked;
