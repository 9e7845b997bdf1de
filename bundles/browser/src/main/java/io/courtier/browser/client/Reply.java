// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.Properties;
import io.courtier.protocol.ReasonCode;
import java.util.List;

/** What comes of a request: one of the two, once. */
public interface Reply {
    /** Nobody wants to know. */
    Reply NONE = new Reply() {
        @Override
        public void done(List<ReasonCode> reasons, Properties properties) {}

        @Override
        public void failed(Failure failure) {}
    };

    /** @param reasons one; one for each filter where there were filters */
    void done(List<ReasonCode> reasons, Properties properties);

    void failed(Failure failure);
}
