// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import java.lang.annotation.Documented;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** The normative statements of MQTT 5 that a test shows to be kept. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
public @interface Spec {
    String[] value();
}
