// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.store;

import io.courtier.protocol.ApplicationMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * What people do with a store while the broker uses it. Each store is a service of this, too. Reads and writes files, which
 * may take long: not for an event loop. IOException says what went wrong, for people.
 */
@ConsumerType
public interface StoreOperations {
    /** {@code sessions} or {@code retained}. */
    String name();

    /** Where it is, for people. */
    String where();

    /** Bytes of all its files. */
    long bytes();

    /** Reads every record in its files, and says what is wrong with which; nothing: all is well. */
    List<String> verify() throws IOException;

    /** Writes anew what is needed, and deletes the rest, as it does by itself when the rest has grown large. */
    void compact() throws IOException;

    /**
     * Writes a copy of this moment, which a broker can be given as its own.
     *
     * @param folder made by this; IOException where it is there already
     */
    void backup(Path folder) throws IOException;

    /** Gives everything of this moment. */
    void export(Exported to) throws IOException;

    /** Takes what is exported. */
    interface Exported {
        /** Records that come to the sessions; a message comes before the first that names it. */
        void session(long position, SessionRecord record) throws IOException;

        void retained(ApplicationMessage message) throws IOException;
    }
}
