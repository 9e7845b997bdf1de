// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.util.List;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Finds names in distinguished names: the most specific CN of a subject, and others the same way. One that is blank, longer
 * than {@link #CHARS_MAX} or has control characters is as good as none.
 */
final class CommonNames {
    /** Four times what X.520 allows. */
    static final int CHARS_MAX = 256;

    private CommonNames() {}

    /** The common name of a distinguished name, or null. */
    static @Nullable String of(X500Principal subject) {
        return of(subject, "CN");
    }

    /** The most specific one of a type: {@code CN}, {@code O}, {@code OU}, {@code C}; or null. */
    static @Nullable String of(X500Principal subject, String type) {
        try {
            List<Rdn> names = new LdapName(subject.getName(X500Principal.RFC2253)).getRdns();
            for (int i = names.size() - 1; i >= 0; i--) { // the most specific comes last
                Attribute found = names.get(i).toAttributes().get(type);
                if (found == null) continue;
                return found.size() == 1 && found.get() instanceof String name && isUsable(name) ? name : null;
            }
            return null;
        } catch (NamingException unreadable) {
            return null;
        }
    }

    private static boolean isUsable(String name) {
        return name.length() <= CHARS_MAX && CertificateName.isPlain(name);
    }
}
