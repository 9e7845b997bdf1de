// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.retained.internal;

import io.courtier.journal.FolderDisk;
import io.courtier.journal.JournalSettings;
import io.courtier.spi.store.RetainStore;
import io.courtier.spi.store.StoreOperations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The store of retained messages as a service. Where its folder cannot be opened there is none, and the log says why. */
@Component(
        service = {},
        immediate = true,
        configurationPid = "io.courtier.store.retained")
@Designate(ocd = RetainStoreComponent.Config.class)
public final class RetainStoreComponent {
    private static final Logger LOG = LoggerFactory.getLogger(RetainStoreComponent.class);

    /** The keys of {@code etc/io.courtier.store.retained.cfg}. */
    @ObjectClassDefinition(name = "Courtier store of retained messages")
    public @interface Config {
        @AttributeDefinition(description = "The folder; below the data of the broker where it is relative.")
        String folder() default "store/retained";

        @AttributeDefinition(
                description = "commit: what was acknowledged outlives a power cut. interval, never: it"
                        + " outlives the process only, and a power cut takes the last sync.interval.ms, or more.")
        String sync() default "commit";

        @AttributeDefinition(description = "How often it is synced with sync=interval, in milliseconds.")
        long sync_interval_ms() default 1_000;

        @AttributeDefinition(description = "The length of one file of the journal.")
        long segment_bytes() default 64 << 20;

        @AttributeDefinition(description = "A journal longer than this, and than the last snapshot, is folded.")
        long fold_bytes() default 64 << 20;

        @AttributeDefinition(description = "What may wait for the disk; beyond, nothing new is accepted.")
        long pending_bytes_max() default 64 << 20;

        @AttributeDefinition(description = "What must stay free on the disk; beyond, nothing new is accepted.")
        long free_bytes_min() default 64 << 20;
    }

    private final JournaledRetained store;
    private final ServiceRegistration<?> registration;

    @Activate
    public RetainStoreComponent(BundleContext context, Config config) throws IOException {
        String base = context.getProperty("karaf.base");
        Path folder = Path.of(base == null ? "." : base).resolve(config.folder());
        JournalSettings settings = new JournalSettings(
                config.segment_bytes(),
                config.pending_bytes_max(),
                config.free_bytes_min(),
                JournalSettings.Sync.valueOf(config.sync().toUpperCase(Locale.ROOT)),
                config.sync_interval_ms());
        try {
            FolderDisk disk = FolderDisk.open(folder);
            try {
                store = JournaledRetained.open(disk, settings, config.fold_bytes(), System::currentTimeMillis);
            } catch (IOException | RuntimeException e) {
                disk.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            LOG.error("retained messages cannot be kept, and no client is let in: {}", e.getMessage());
            throw e;
        }
        registration = context.registerService(
                new String[] {RetainStore.class.getName(), StoreOperations.class.getName()}, store, null);
    }

    @Deactivate
    void deactivate() {
        registration.unregister();
        try {
            store.close();
        } catch (IOException e) {
            LOG.error("the store of retained messages could not be closed: {}", e.getMessage());
        }
    }
}
