/**
 * Bytes to packets and back, without I/O: a decoder that is fed whatever arrived and an encoder that appends to a
 * growing array. Sizes are checked before anything is allocated.
 */
@Export
@Version("1.0.0")
@NullMarked
package io.courtier.protocol.codec;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
