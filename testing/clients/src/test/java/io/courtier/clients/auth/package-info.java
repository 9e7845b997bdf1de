// SPDX-License-Identifier: Apache-2.0
/** Who gets in, and who does not: directories, certificates and swaps, with the distribution as it is shipped. */
package io.courtier.clients.auth;
