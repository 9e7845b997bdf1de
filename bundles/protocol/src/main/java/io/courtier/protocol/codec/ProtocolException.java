// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import io.courtier.protocol.ReasonCode;

/**
 * The peer broke the rules: it must be told the reason (where its version can be) and the connection closed. Caught in one
 * place. It carries no stack trace: it is about the peer, and a flood of bad packets must be cheap.
 */
public class ProtocolException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final ReasonCode reason;

    public ProtocolException(ReasonCode reason, String what) {
        super(what, null, false, false);
        this.reason = reason;
    }

    public ReasonCode reason() {
        return reason;
    }

    @Override
    public String getMessage() {
        return reason.text() + ": " + super.getMessage();
    }
}
