// SPDX-License-Identifier: Apache-2.0
/** How a bundle brings pages, scripts and images to the HTTP listeners. */
@Export
@Version("1.0.0")
@NullMarked
package io.courtier.spi.web;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
