/** A look at each message on its way in: implemented by plugins, asked by the broker. */
@Export
@Version("1.0.0")
@NullMarked
package io.courtier.spi.intercept;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
