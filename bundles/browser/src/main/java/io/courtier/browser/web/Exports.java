// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import org.teavm.jso.JSExportClasses;

/** Where TeaVM begins: what is named here can be seen from JavaScript. */
@JSExportClasses({JsBroker.class, JsPort.class, JsClient.class, JsBridge.class, JsGiven.class})
public final class Exports {
    private Exports() {}

    public static void main(String[] arguments) {
        // There is nothing to start: pages make what they need.
    }
}
