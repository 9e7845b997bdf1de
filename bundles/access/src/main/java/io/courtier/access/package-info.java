/**
 * The rules of an access list: who may publish, subscribe and receive what. Pure: text in, permissions out; the server reads
 * it from a file, the page in a browser has it where it likes. An {@link io.courtier.access.AccessList} is the only door.
 *
 * <p>Exported by nobody: the auth bundle embeds it.
 */
@NullMarked
package io.courtier.access;

import org.jspecify.annotations.NullMarked;
