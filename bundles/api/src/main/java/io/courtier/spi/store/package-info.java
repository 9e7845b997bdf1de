/**
 * What outlives a process: implemented by stores, used by the broker.
 *
 * <p>A store never blocks the caller: {@code append} returns a position at once, and what it stands for is durable when
 * {@code durablePosition} has passed it. Waiting is a comparison of two numbers.
 */
@Export
@Version("1.0.0")
@NullMarked
package io.courtier.spi.store;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
