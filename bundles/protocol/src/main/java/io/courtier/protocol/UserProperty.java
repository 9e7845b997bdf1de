// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** A name and value pair that Courtier hands on as it is. Names may repeat; their order is kept. [MQTT-3.3.2-18] */
public record UserProperty(String name, String value) {}
