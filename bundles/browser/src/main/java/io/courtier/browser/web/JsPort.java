// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import io.courtier.browser.broker.TabPort;
import org.teavm.jso.JSExport;
import org.teavm.jso.typedarrays.Uint8Array;

/** One connection to the broker. */
public final class JsPort {
    private final TabPort port;

    JsPort(TabPort port) {
        this.port = port;
    }

    @JSExport
    public void credited() {
        port.credited();
    }

    @JSExport
    public void receive(Uint8Array bytes) {
        port.received(Bytes.toJava(bytes));
    }

    @JSExport
    public void consumed(int bytes) {
        port.consumed(bytes);
    }

    @JSExport
    public void lost() {
        port.lost();
    }
}
