/** A bridge between a tab's broker and another: two clients, and what one receives the other publishes. */
@NullMarked
package io.courtier.browser.bridge;

import org.jspecify.annotations.NullMarked;
