// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import org.teavm.jso.typedarrays.Int8Array;
import org.teavm.jso.typedarrays.Uint8Array;

/** Bytes over the border, copied. */
final class Bytes {
    private Bytes() {}

    static byte[] toJava(Uint8Array bytes) {
        return new Int8Array(bytes.getBuffer(), bytes.getByteOffset(), bytes.getLength()).copyToJavaArray();
    }

    static Uint8Array toJs(byte[] bytes) {
        Int8Array copy = Int8Array.copyFromJavaArray(bytes);
        return new Uint8Array(copy.getBuffer(), copy.getByteOffset(), copy.getLength());
    }
}
