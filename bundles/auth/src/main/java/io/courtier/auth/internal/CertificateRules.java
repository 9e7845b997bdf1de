// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Whose certificates let them in, and as whom: the first name that a rule allows, along the path from the client's own
 * certificate upwards, and in each certificate in the order of {@link CertificateName}. Immutable.
 */
final class CertificateRules {
    private final Map<CertificateName, NameRule> rules;
    private final boolean ownOnly;
    private final @Nullable CertificateName userName;

    private CertificateRules(
            Map<CertificateName, NameRule> rules, boolean ownOnly, @Nullable CertificateName userName) {
        this.rules = rules;
        this.ownOnly = ownOnly;
        this.userName = userName;
    }

    /** IllegalArgumentException says what cannot be understood. */
    static CertificateRules of(X509Authenticator.Config config) {
        Map<CertificateName, NameRule> rules = new EnumMap<>(CertificateName.class);
        add(rules, CertificateName.CN, config.common_names(), config.common_names_regex());
        add(rules, CertificateName.SAN, config.alternative_names(), config.alternative_names_regex());
        add(rules, CertificateName.DN, config.subject_names(), config.subject_names_regex());
        add(rules, CertificateName.FINGERPRINT, config.fingerprints(), "");
        boolean ownOnly =
                switch (config.match_chain().strip().toLowerCase(Locale.ROOT)) {
                    case "any" -> false;
                    case "leaf" -> true;
                    default ->
                        throw new IllegalArgumentException(
                                "match.chain=" + config.match_chain() + " is neither any nor leaf");
                };
        return new CertificateRules(rules, ownOnly, userName(config.user_name().strip()));
    }

    private static void add(Map<CertificateName, NameRule> rules, CertificateName kind, String list, String regex) {
        try {
            NameRule rule = NameRule.of(kind.parse(list), regex);
            if (!rule.isEmpty()) rules.put(kind, rule);
        } catch (PatternSyntaxException broken) {
            throw new IllegalArgumentException(
                    kind.key() + ".regex=" + broken.getPattern() + " is no regular expression ("
                            + broken.getDescription() + ")",
                    broken);
        }
    }

    private static @Nullable CertificateName userName(String said) {
        return switch (said.toLowerCase(Locale.ROOT)) {
            case "" -> null;
            case "cn" -> CertificateName.CN;
            case "san" -> CertificateName.SAN;
            case "dn" -> CertificateName.DN;
            case "fingerprint" -> CertificateName.FINGERPRINT;
            default ->
                throw new IllegalArgumentException("user.name=" + said + " is none of cn, dn, san and fingerprint");
        };
    }

    /** Whether there is no rule, so that certificates let nobody in and keep nobody out. */
    boolean isEmpty() {
        return rules.isEmpty();
    }

    /** The first name that a rule allows. Denied says why there is none. */
    String fitting(List<X509Certificate> path) throws Denied {
        Set<String> others = new LinkedHashSet<>();
        for (X509Certificate certificate : ownOnly ? path.subList(0, 1) : path) {
            for (Map.Entry<CertificateName, NameRule> rule : rules.entrySet()) {
                for (String name : rule.getKey().of(certificate)) {
                    try {
                        if (rule.getValue().allow(name)) return name;
                    } catch (NameRule.TooManyLooks e) {
                        throw new Denied(rule.getKey().key() + ".regex does not come to an end with '" + name
                                + "': make it simpler");
                    }
                    others.add(name);
                }
            }
        }
        if (others.isEmpty()) {
            List<String> keys = new ArrayList<>();
            for (CertificateName kind : rules.keySet()) keys.add(kind.key());
            throw new Denied(
                    "its certificate has nothing for " + String.join(", ", keys) + ", or nothing that can be used");
        }
        throw new Denied("etc/" + X509Authenticator.PID + ".cfg allows none of its names: '"
                + String.join("', '", others) + "'");
    }

    /** Who comes in. Denied where the client's own certificate has no such name. */
    String userName(String fitting, X509Certificate own) throws Denied {
        if (userName == null) return fitting;
        List<String> names = userName.of(own);
        if (names.isEmpty()) {
            throw new Denied("its certificate has no name for user.name="
                    + userName.name().toLowerCase(Locale.ROOT));
        }
        return names.get(0);
    }

    /** Why somebody stays out. */
    static final class Denied extends Exception {
        private static final long serialVersionUID = 1;

        Denied(String why) {
            super(why);
        }

        String why() {
            return String.valueOf(getMessage());
        }
    }
}
