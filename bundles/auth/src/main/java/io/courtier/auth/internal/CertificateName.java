// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * A kind of name that certificates have. Each kind has one way to write a name, for certificates and for configuration, so
 * that equal names are equal texts. What is blank, too long or has control characters is as good as no name.
 */
enum CertificateName {
    /** The most specific CN of the subject. */
    CN("common.names", ",") {
        @Override
        Collection<String> find(X509Certificate certificate) {
            String name = CommonNames.of(certificate.getSubjectX500Principal());
            return name == null ? List.of() : List.of(name);
        }
    },

    /** {@code DNS:}, {@code EMAIL:}, {@code URI:} and {@code IP:}, in the certificate's order. */
    SAN("alternative.names", ",") {
        @Override
        Collection<String> find(X509Certificate certificate) {
            List<String> found = new ArrayList<>();
            try {
                Collection<List<?>> names = certificate.getSubjectAlternativeNames();
                if (names == null) return found;
                for (List<?> name : names) {
                    String written = alternative((Integer) name.get(0), name.get(1));
                    if (written != null) found.add(written);
                }
                return found;
            } catch (CertificateParsingException unreadable) {
                return List.of();
            }
        }

        @Override
        String normal(String configured) {
            int colon = configured.indexOf(':');
            String kind = configured.substring(0, Math.max(0, colon)).toUpperCase(Locale.ROOT);
            String name = configured.substring(colon + 1).strip();
            return switch (kind) {
                case "DNS" -> "DNS:" + name.toLowerCase(Locale.ROOT);
                case "EMAIL", "URI" -> kind + ":" + name;
                case "IP" -> "IP:" + address(name);
                default -> throw new IllegalArgumentException("does not begin with one of DNS:, EMAIL:, URI: and IP:");
            };
        }
    },

    /** The whole subject, as RFC 2253 writes it, the most specific part first. */
    DN("subject.names", "(?<!\\\\);") {
        @Override
        Collection<String> find(X509Certificate certificate) {
            return List.of(certificate.getSubjectX500Principal().getName(X500Principal.RFC2253));
        }

        @Override
        String normal(String configured) {
            return new X500Principal(configured).getName(X500Principal.RFC2253);
        }
    },

    /** SHA-256 of the certificate, as 64 small hexadecimal digits. */
    FINGERPRINT("fingerprints", ",") {
        @Override
        Collection<String> find(X509Certificate certificate) {
            try {
                MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
                return List.of(HexFormat.of().formatHex(sha256.digest(certificate.getEncoded())));
            } catch (CertificateEncodingException unreadable) {
                return List.of();
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        @Override
        String normal(String configured) {
            String digits = configured.replace(":", "").toLowerCase(Locale.ROOT);
            if (digits.matches("[0-9a-f]{64}")) return digits;
            throw new IllegalArgumentException("is no SHA-256: 64 hexadecimal digits, with colons or without");
        }
    };

    static final int CHARS_MAX = 1024;

    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]+");

    private final String key;
    private final String separator;

    CertificateName(String key, String separator) {
        this.key = key;
        this.separator = separator;
    }

    /** Of the configuration. */
    String key() {
        return key;
    }

    /** The names of this kind that a certificate has. */
    List<String> of(X509Certificate certificate) {
        return find(certificate).stream()
                .filter(name -> name.length() <= CHARS_MAX && isPlain(name))
                .toList();
    }

    abstract Collection<String> find(X509Certificate certificate);

    /** The one way to write a name. IllegalArgumentException says what is wrong with one that is none. */
    String normal(String configured) {
        return configured;
    }

    /** The names of a list in the configuration. IllegalArgumentException says which is none. */
    Set<String> parse(String list) {
        Set<String> names = new LinkedHashSet<>();
        for (String entry :
                Arrays.stream(list.split(separator, -1)).map(String::strip).toList()) {
            if (entry.isEmpty()) continue;
            try {
                names.add(normal(entry));
            } catch (IllegalArgumentException none) {
                throw new IllegalArgumentException(
                        key + " has " + entry + ", which "
                                + (this == DN ? "is no distinguished name" : none.getMessage()),
                        none);
            }
        }
        return names;
    }

    static boolean isPlain(String name) {
        return !name.isBlank() && name.chars().noneMatch(Character::isISOControl);
    }

    private static @Nullable String alternative(int kind, Object name) {
        if (!(name instanceof String text)) return null;
        return switch (kind) {
            case 1 -> "EMAIL:" + text;
            case 2 -> "DNS:" + text.toLowerCase(Locale.ROOT);
            case 6 -> "URI:" + text;
            case 7 -> "IP:" + text;
            default -> null;
        };
    }

    /** As Java writes addresses, in certificates too; never asks a name server. */
    private static String address(String literal) {
        try {
            if (ADDRESS.matcher(literal).matches())
                return InetAddress.getByName(literal).getHostAddress();
        } catch (UnknownHostException none) {
            // Said below.
        }
        throw new IllegalArgumentException("is no IP address");
    }
}
