// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import io.courtier.spi.auth.Authenticator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The authenticators that clients are judged by: with a {@link Probe}, only those that were found good together. A new one
 * beside the old ones is tried while these go on; if it fails, it is kept out. One in the place of an old one is waited for.
 * Its owner locks.
 */
final class Chain {
    private final @Nullable Probe probe;
    private final Set<Authenticator> keptOut = Collections.newSetFromMap(new IdentityHashMap<>());
    private List<Authenticator> adopted = List.of();
    /** Some of those that were adopted have gone, and nothing was found good in their place yet. */
    private boolean broken;

    private int trial;

    Chain(@Nullable Probe probe) {
        this.probe = probe;
        // At the start nothing has been found good.
        broken = probe != null;
    }

    /** What is to be tried now, or null. */
    record Trial(Probe probe, List<Authenticator> candidates, int number) {}

    /**
     * Takes note of who is there.
     *
     * @param waiting somebody else is expected back: nothing is tried before
     */
    @Nullable
    Trial present(List<Authenticator> present, boolean waiting) {
        Probe tries = probe;
        if (tries == null) {
            adopted = present;
            return null;
        }
        keptOut.retainAll(identities(present));
        List<Authenticator> candidates = new ArrayList<>(present);
        candidates.removeAll(keptOut);
        Set<Authenticator> before = identities(adopted);
        List<Authenticator> left = candidates.stream().filter(before::contains).toList();
        broken |= left.size() < adopted.size();
        adopted = left;
        trial++;
        if (waiting || candidates.size() == left.size()) return null;
        return new Trial(tries, candidates, trial);
    }

    /** What came of a trial. False where it is of no interest any more, because somebody came or went. */
    boolean tried(Trial tried, boolean good) {
        if (tried.number() != trial) return false;
        if (good) {
            adopted = tried.candidates();
        } else {
            keptOut.addAll(tried.candidates());
            keptOut.removeAll(identities(adopted));
        }
        broken = false;
        return true;
    }

    /** Whether it was tried, found wanting, and so never asked about a client. */
    boolean keepsOut(Authenticator authenticator) {
        return keptOut.contains(authenticator);
    }

    List<Authenticator> adopted() {
        return adopted;
    }

    /** Whether clients must wait, because the chain that they would be judged by is not whole. */
    boolean isBroken(boolean trying) {
        return broken && trying;
    }

    private static Set<Authenticator> identities(List<Authenticator> authenticators) {
        Set<Authenticator> identities = Collections.newSetFromMap(new IdentityHashMap<>());
        identities.addAll(authenticators);
        return identities;
    }
}
