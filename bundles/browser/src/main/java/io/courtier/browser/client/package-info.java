/** A client for applications: packets, acknowledgements, keep-alive and what waits, without sockets or timers. */
@NullMarked
package io.courtier.browser.client;

import org.jspecify.annotations.NullMarked;
