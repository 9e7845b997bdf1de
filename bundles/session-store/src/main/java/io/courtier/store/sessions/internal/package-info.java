/** Sessions in files: the records of a journal, and snapshots of what they came to. */
@NullMarked
package io.courtier.store.sessions.internal;

import org.jspecify.annotations.NullMarked;
