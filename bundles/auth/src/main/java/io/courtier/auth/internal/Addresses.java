// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Addresses as text. No name is ever looked up. */
final class Addresses {
    private static final Pattern LOOPBACK = Pattern.compile(
            "(?:::ffff:)?127(?:\\.\\d{1,3}){3}|(?:::|(?:0{1,4}:){7})0{0,3}1(?:%.*)?", Pattern.CASE_INSENSITIVE);

    private static final Pattern NUMERIC = Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private Addresses() {}

    static boolean isLoopback(String address) {
        return LOOPBACK.matcher(address).matches();
    }

    /** Its bytes, or null for what is no numeric address. */
    static byte @Nullable [] bytes(String address) {
        int zone = address.indexOf('%');
        String bare = zone < 0 ? address : address.substring(0, zone);
        if (!NUMERIC.matcher(bare).matches()) return null;
        try {
            // Numeric, so that nothing is looked up.
            return InetAddress.getByName(bare).getAddress();
        } catch (UnknownHostException notAnAddress) {
            return null;
        }
    }

    /** An address, or all that begin with the same bits: 10.0.0.0/8. */
    record Network(byte[] address, int bits) {
        /** IllegalArgumentException for what is neither. */
        static Network parse(String text) {
            int slash = text.indexOf('/');
            byte[] address = bytes(slash < 0 ? text : text.substring(0, slash));
            if (address == null) throw new IllegalArgumentException(text);
            int bits = slash < 0 ? address.length * 8 : Integer.parseInt(text.substring(slash + 1));
            if (bits < 0 || bits > address.length * 8) throw new IllegalArgumentException(text);
            return new Network(address, bits);
        }

        boolean contains(String other) {
            byte[] bytes = bytes(other);
            if (bytes == null || bytes.length != address.length) return false;
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit & 7);
                if ((bytes[bit >> 3] & mask) != (address[bit >> 3] & mask)) return false;
            }
            return true;
        }
    }
}
