/** Runs the law on real event loops: the only place where a shard meets threads, clocks and services. */
@NullMarked
package io.courtier.broker.internal;

import org.jspecify.annotations.NullMarked;
