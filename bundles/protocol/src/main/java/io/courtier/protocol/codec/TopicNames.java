// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import io.courtier.protocol.TopicName;
import org.jspecify.annotations.Nullable;

/** Where a decoder gets its Topic Names from: lets the owner make each topic once and find it again by its bytes. */
@FunctionalInterface
public interface TopicNames {
    /** Makes or finds the Topic Name of bytes that are lent for this call; null where they are none. There is one at least. */
    @Nullable
    TopicName topic(byte[] bytes, int offset, int length);
}
