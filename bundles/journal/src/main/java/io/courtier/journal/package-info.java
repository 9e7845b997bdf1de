/**
 * A journal in files: records are appended, written and synced together, and found again by their positions. Whatever
 * happens to the process or the disk, a record is given back whole or not at all.
 */
@NullMarked
package io.courtier.journal;

import org.jspecify.annotations.NullMarked;
