/** What JavaScript sees: the border between the compiled core and the page. */
@NullMarked
package io.courtier.browser.web;

import org.jspecify.annotations.NullMarked;
