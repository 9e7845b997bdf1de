// SPDX-License-Identifier: Apache-2.0
// The clock of a tab that may be hidden: pages have theirs slowed down, workers do not.
setInterval(() => postMessage(0), 1_000);
