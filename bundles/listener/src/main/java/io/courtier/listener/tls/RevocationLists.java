// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener.tls;

import io.courtier.listener.CannotOpen;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Says whether the certificates of a path are revoked, by lists (CRLs) that were read before: it never waits, and event
 * loops may ask. Every certificate below the authority of the trust store needs the newest list that its issuer signed; a
 * signature is checked once. Any thread.
 */
public final class RevocationLists {
    /** A delta list, and a list of one distribution point: parts of a list, whose silence means nothing. */
    private static final List<String> PARTS = List.of("2.5.29.27", "2.5.29.28");

    private static final int KEY_USAGE_CRL_SIGN = 6;
    /** Issuers whose list is remembered; an authority below ours could make any number. */
    private static final int ISSUERS_MAX = 1000;

    private final boolean allowsExpired;
    private final boolean allowsMissing;
    private final Set<X509Certificate> authorities;
    /** The newest first. */
    private final Map<X500Principal, List<X509CRL>> lists = new HashMap<>();

    private final Map<X509Certificate, Optional<X509CRL>> proven = new ConcurrentHashMap<>();
    private final Set<X509CRL> saidExpired = new HashSet<>();

    private RevocationLists(TlsSettings.Revocation settings, List<X509Certificate> authorities) {
        allowsExpired = settings.allowsExpired();
        allowsMissing = settings.allowsMissing();
        this.authorities = Set.copyOf(authorities);
    }

    static RevocationLists of(TlsSettings settings, TlsFiles files, List<X509Certificate> authorities)
            throws CannotOpen {
        RevocationLists all = new RevocationLists(settings.revocation(), authorities);
        for (Map.Entry<String, byte[]> file : files.revocation().entrySet()) {
            for (X509CRL list : read("tls.crl: " + file.getKey(), file.getValue())) {
                all.lists
                        .computeIfAbsent(list.getIssuerX500Principal(), issuer -> new ArrayList<>())
                        .add(list);
            }
        }
        all.lists
                .values()
                .forEach(ofIssuer -> ofIssuer.sort(
                        Comparator.comparing(X509CRL::getThisUpdate).reversed()));
        // Here rather than in a handshake, since a list may be long.
        authorities.forEach(all::listOf);
        return all;
    }

    private static List<X509CRL> read(String where, byte[] file) throws CannotOpen {
        List<X509CRL> lists = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            if (file.length > 0 && file[0] == 0x30) {
                lists.add((X509CRL) factory.generateCRL(new ByteArrayInputStream(file)));
            } else {
                for (Pem pem : Pem.blocks(file)) {
                    if (pem.type().equals("X509 CRL")) {
                        lists.add((X509CRL) factory.generateCRL(new ByteArrayInputStream(pem.der())));
                    }
                }
            }
        } catch (GeneralSecurityException | IllegalArgumentException broken) {
            throw CannotOpen.now(where + " has a broken CRL (" + broken.getMessage() + "): replace the file");
        }
        if (lists.isEmpty()) {
            throw CannotOpen.now(where + " has no CRL: it must be PEM (BEGIN X509 CRL) or DER");
        }
        for (X509CRL list : lists) {
            if (list.hasUnsupportedCriticalExtension()
                    || PARTS.stream().anyMatch(part -> list.getExtensionValue(part) != null)) {
                throw CannotOpen.now(where + " has a CRL that is only a part (delta, or of one distribution point):"
                        + " put the complete one in its place");
            }
        }
        return lists;
    }

    /**
     * Returns if no certificate of the path is revoked.
     *
     * @param path as {@link Handshake} proves it
     * @throws CertPathValidatorException with the reason REVOKED or UNDETERMINED_REVOCATION_STATUS
     */
    public void check(List<X509Certificate> path) throws CertPathValidatorException {
        if (path.size() == 1 && !authorities.contains(path.get(0))) {
            throw refusal(
                    path.get(0),
                    "has no path to an authority of tls.trust",
                    BasicReason.UNDETERMINED_REVOCATION_STATUS);
        }
        for (int i = 0; i + 1 < path.size() && !authorities.contains(path.get(i)); i++) {
            X509Certificate certificate = path.get(i);
            X509CRL list = listOf(path.get(i + 1));
            if (list == null) {
                if (!allowsMissing) {
                    throw refusal(
                            certificate, "has an issuer without a CRL", BasicReason.UNDETERMINED_REVOCATION_STATUS);
                }
            } else if (list.isRevoked(certificate)) {
                // Also by a list that is over: nobody comes back from it.
                throw refusal(certificate, "is revoked", BasicReason.REVOKED);
            } else if (!allowsExpired && isExpired(list, Instant.now())) {
                throw refusal(
                        certificate,
                        "has an issuer whose CRL was valid until "
                                + list.getNextUpdate().toInstant(),
                        BasicReason.UNDETERMINED_REVOCATION_STATUS);
            }
        }
    }

    /** Why a path is revoked, or null: lists that are missing or over end no connection. */
    public @Nullable String revoked(List<X509Certificate> path) {
        for (int i = 0; i + 1 < path.size() && !authorities.contains(path.get(i)); i++) {
            X509CRL list = listOf(path.get(i + 1));
            if (list != null && list.isRevoked(path.get(i))) {
                return refusal(path.get(i), "is revoked", BasicReason.REVOKED).getMessage();
            }
        }
        return null;
    }

    /** What a handshake failed of, if that was a refusal of ours: then a person may want to know. */
    public static @Nullable CertPathValidatorException refusal(@Nullable Throwable failure) {
        int deep = 0;
        for (Throwable cause = failure; cause != null && deep < 20; cause = cause.getCause(), deep++) {
            if (cause instanceof CertPathValidatorException refusal
                    && (refusal.getReason() == BasicReason.REVOKED
                            || refusal.getReason() == BasicReason.UNDETERMINED_REVOCATION_STATUS)) {
                return refusal;
            }
        }
        return null;
    }

    /** A sentence for each list that is over and was not named before. One thread. */
    public List<String> newlyExpired(Instant now) {
        List<String> sentences = new ArrayList<>();
        for (List<X509CRL> ofIssuer : lists.values()) {
            X509CRL newest = ofIssuer.get(0);
            if (isExpired(newest, now) && saidExpired.add(newest)) {
                sentences.add("the CRL of " + newest.getIssuerX500Principal().getName() + " was valid until "
                        + newest.getNextUpdate().toInstant()
                        + (allowsExpired
                                ? ": it is used all the same, as tls.crl.expired=allow says; renew it"
                                : ": clients of that authority are refused until it is renewed"));
            }
        }
        return sentences;
    }

    /** For the log. */
    @Override
    public String toString() {
        int entries = 0;
        for (List<X509CRL> ofIssuer : lists.values()) {
            Set<?> revoked = ofIssuer.get(0).getRevokedCertificates();
            entries += revoked == null ? 0 : revoked.size();
        }
        return "issuers=" + lists.size() + " revoked=" + entries;
    }

    private @Nullable X509CRL listOf(X509Certificate issuer) {
        List<X509CRL> claimed = lists.get(issuer.getSubjectX500Principal());
        if (claimed == null) {
            return null;
        }
        Optional<X509CRL> known = proven.get(issuer);
        if (known == null) {
            known = claimed.stream().filter(list -> isSigned(list, issuer)).findFirst();
            if (proven.size() < ISSUERS_MAX) {
                proven.put(issuer, known);
            }
        }
        return known.orElse(null);
    }

    private static boolean isSigned(X509CRL list, X509Certificate issuer) {
        boolean[] usage = issuer.getKeyUsage();
        if (usage != null && !usage[KEY_USAGE_CRL_SIGN]) {
            return false;
        }
        try {
            list.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException another) {
            return false;
        }
    }

    private static boolean isExpired(X509CRL list, Instant now) {
        Date end = list.getNextUpdate();
        return end != null && now.isAfter(end.toInstant());
    }

    private static CertPathValidatorException refusal(X509Certificate certificate, String what, BasicReason reason) {
        return new CertPathValidatorException(
                "the client certificate serial=" + certificate.getSerialNumber().toString(16) + " of "
                        + certificate.getIssuerX500Principal().getName() + " " + what,
                null,
                null,
                -1,
                reason);
    }
}
