/** A broker of one shard, in one thread of control. */
@NullMarked
package io.courtier.browser.broker;

import org.jspecify.annotations.NullMarked;
