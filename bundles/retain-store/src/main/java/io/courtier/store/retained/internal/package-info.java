/** Retained messages in files: the records of a journal, and tables of what they came to. */
@NullMarked
package io.courtier.store.retained.internal;

import org.jspecify.annotations.NullMarked;
