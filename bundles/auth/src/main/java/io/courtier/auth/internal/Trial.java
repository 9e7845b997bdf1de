// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.access.AccessList;
import io.courtier.api.AccessTrial;
import io.courtier.spi.auth.Authorizer;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import java.nio.file.Path;

/** Rules that are tried beside those that count. Takes the place of the latter as a service, and decides as they do. */
final class Trial implements Authorizer {
    private final AccessList real;
    private final Path file;
    private final AccessText candidate;
    private final long sinceMillis;
    private final Differences differences = new Differences();

    Trial(AccessList real, Path file, AccessText candidate, long sinceMillis) {
        this.real = real;
        this.file = file;
        this.candidate = candidate;
        this.sinceMillis = sinceMillis;
    }

    /** The same rules beside others. What was found does not hold any more. */
    Trial beside(AccessList other, long nowMillis) {
        return new Trial(other, file, candidate, nowMillis);
    }

    AccessText candidate() {
        return candidate;
    }

    @Override
    public Permissions permissions(Principal principal, String clientIdentifier, String listener) {
        return new ShadowPermissions(
                real.permissions(principal, clientIdentifier, listener),
                candidate.list().permissions(principal, clientIdentifier, listener),
                clientIdentifier,
                principal.userName(),
                differences);
    }

    AccessTrial report() {
        return new AccessTrial(
                file.toString(),
                candidate.list().size(),
                sinceMillis,
                differences.askedSoFar(),
                differences.different(),
                differences.forgotten(),
                differences.listed());
    }
}
