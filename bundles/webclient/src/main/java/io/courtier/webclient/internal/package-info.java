// SPDX-License-Identifier: Apache-2.0
/** The client page, and MQTT.js for the pages of others. */
@NullMarked
package io.courtier.webclient.internal;

import org.jspecify.annotations.NullMarked;
