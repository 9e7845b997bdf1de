/** How bytes reach the broker and leave it: implemented by the broker, used by transports. */
@Export
@Version("1.0.0")
@NullMarked
package io.courtier.spi.transport;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
