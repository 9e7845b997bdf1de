// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import java.nio.ByteBuffer;
import org.teavm.classlib.PlatformDetector;
import org.teavm.jso.JSObject;
import org.teavm.jso.typedarrays.Int8Array;
import org.teavm.jso.typedarrays.Uint8Array;

/**
 * Bytes over the border, copied. JavaScript can see no array of WebAssembly, but its linear memory: bytes go through a piece
 * of that, as one call costs as much as copying hundreds of them.
 */
public final class Bytes {
    private Bytes() {}

    /** The piece, from both sides. Nothing else is allocated in linear memory: if it grew, the view would be void. */
    private static final class Shared {
        static final int LENGTH = 64 * 1024;
        static final ByteBuffer MEMORY = ByteBuffer.allocateDirect(LENGTH);
        static final View VIEW = (View) Uint8Array.fromJavaBuffer(MEMORY);
    }

    /** What the binding of Uint8Array lacks. */
    private interface View extends JSObject {
        /** A copy. */
        Uint8Array slice(int from, int to);

        /** The same bytes. */
        Uint8Array subarray(int from, int to);

        void set(Uint8Array from);

        void set(Uint8Array from, int at);
    }

    public static byte[] toJava(Uint8Array bytes) {
        if (!PlatformDetector.isWebAssemblyGC()) {
            return new Int8Array(bytes.getBuffer(), bytes.getByteOffset(), bytes.getLength()).copyToJavaArray();
        }
        byte[] copy = new byte[bytes.getLength()];
        View from = (View) bytes;
        for (int at = 0; at < copy.length; at += Shared.LENGTH) {
            int length = Math.min(Shared.LENGTH, copy.length - at);
            Shared.VIEW.set(length == copy.length ? bytes : from.subarray(at, at + length));
            Shared.MEMORY.clear();
            Shared.MEMORY.get(copy, at, length);
        }
        return copy;
    }

    public static Uint8Array toJs(byte[] bytes) {
        if (!PlatformDetector.isWebAssemblyGC()) {
            Int8Array copy = Int8Array.copyFromJavaArray(bytes);
            return new Uint8Array(copy.getBuffer(), copy.getByteOffset(), copy.getLength());
        }
        if (bytes.length <= Shared.LENGTH) {
            share(bytes, 0, bytes.length);
            return Shared.VIEW.slice(0, bytes.length);
        }
        Uint8Array copy = new Uint8Array(bytes.length);
        View to = (View) copy;
        for (int at = 0; at < bytes.length; at += Shared.LENGTH) {
            int length = Math.min(Shared.LENGTH, bytes.length - at);
            share(bytes, at, length);
            to.set(Shared.VIEW.subarray(0, length), at);
        }
        return copy;
    }

    private static void share(byte[] bytes, int offset, int length) {
        Shared.MEMORY.clear();
        Shared.MEMORY.put(bytes, offset, length);
    }
}
