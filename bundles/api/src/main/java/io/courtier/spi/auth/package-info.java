/** Who may come in, and what they may do: implemented by plugins, asked by the broker. */
@Export
@Version("1.1.0")
@NullMarked
package io.courtier.spi.auth;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
