// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The normative statements that a test shows, as the standard numbers them: {@code MQTT-3.3.4-9}. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Spec {
    String[] value();
}
