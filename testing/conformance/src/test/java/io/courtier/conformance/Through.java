// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import io.courtier.core.Limits;

/** A way to a broker: the suite walks it from one end to the other. */
public interface Through {
    /** A door of its own to a broker of its own. */
    Door open(Limits limits);

    /** Whether one door serves all scenarios: opening it is dear, and names keep them apart. */
    boolean isShared();
}
