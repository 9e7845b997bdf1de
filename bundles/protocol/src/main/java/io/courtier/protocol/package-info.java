/**
 * The words of MQTT: control packets, topics, properties and reason codes as immutable values, validated at birth.
 *
 * <p>MQTT 5 is the model; 3.1 and 3.1.1 are smaller grammars over the same records. Nothing in here does I/O, reads a
 * clock or starts a thread, and everything compiles to WebAssembly unchanged.
 */
@Export
@Version("1.0.0")
@NullMarked
package io.courtier.protocol;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
