// SPDX-License-Identifier: Apache-2.0
/** How long to wait before the next attempt. Pure. */

const FIRST_MILLIS = 1_000;
const MILLIS_MAX = 60_000;

/**
 * Doubles from one second to a minute, of which the last half is left to chance: clients that lost the same broker do not
 * come back in the same instant. The attempt counts from 0; the random number is in [0, 1).
 */
export function backoffMillis(attempt, random) {
  const millis = Math.min(MILLIS_MAX, FIRST_MILLIS * 2 ** Math.min(attempt, 16));
  return Math.round(millis / 2 + (millis / 2) * random);
}
