/** What the broker and the client in a browser share. Pure, like the core: the host gives time, chance and bytes. */
@NullMarked
package io.courtier.browser;

import org.jspecify.annotations.NullMarked;
