// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

/** The Java clients. */
enum Library {
    HIVEMQ_MQTT_3,
    HIVEMQ_MQTT_5,
    PAHO_MQTT_3,
    PAHO_MQTT_5;

    Visitor connect(Visit visit) throws Exception {
        return switch (this) {
            case HIVEMQ_MQTT_3 -> new HiveMq3Visitor(visit);
            case HIVEMQ_MQTT_5 -> new HiveMq5Visitor(visit);
            case PAHO_MQTT_3 -> new Paho3Visitor(visit);
            case PAHO_MQTT_5 -> new Paho5Visitor(visit);
        };
    }

    boolean speaks5() {
        return this == HIVEMQ_MQTT_5 || this == PAHO_MQTT_5;
    }
}
