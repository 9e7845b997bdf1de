// SPDX-License-Identifier: Apache-2.0
/** What is measured of the codec in a browser. */
@NullMarked
package io.courtier.benchmarks.browser;

import org.jspecify.annotations.NullMarked;
