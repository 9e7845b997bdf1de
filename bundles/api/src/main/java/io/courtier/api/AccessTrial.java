// SPDX-License-Identifier: Apache-2.0
package io.courtier.api;

import java.util.List;

/**
 * What access rules that are tried would have decided otherwise.
 *
 * @param file where they came from
 * @param rules how many
 * @param sinceMillis when it began, in milliseconds since 1970
 * @param asked decisions that were compared; what {@link Broker#explain} asks is among them
 * @param different how many of them differ
 * @param forgotten how many differences are not listed any more, because there are too many
 * @param differences those that came up last, the last first; some hundreds at most
 */
public record AccessTrial(
        String file,
        int rules,
        long sinceMillis,
        long asked,
        long different,
        long forgotten,
        List<AccessDifference> differences) {}
