// SPDX-License-Identifier: Apache-2.0
/** Scripts in Node and pages in Chromium, as people run them, with the distribution as it is shipped. */
package io.courtier.clients.web;
