// SPDX-License-Identifier: Apache-2.0
/* The worker of ticker.js. */
setInterval(() => postMessage(0), 250);
