/** What every bundle may ask of the running broker. */
@Export
@Version("1.1.0")
@NullMarked
package io.courtier.api;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
