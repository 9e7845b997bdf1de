// SPDX-License-Identifier: Apache-2.0
package io.courtier.webclient.internal;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Where the files of this bundle are, once something is to be served of them. */
@Component(service = WebFiles.class)
public final class WebFiles {
    private final Path folder;

    @Activate
    public WebFiles(BundleContext context) throws IOException {
        File storage = context.getDataFile("");
        if (storage == null) throw new IOException("the framework keeps no files for bundles");
        folder = new UnpackedFolder(WebFiles.class.getClassLoader()::getResourceAsStream, storage.toPath()).unpack();
    }

    Path named(String name) {
        return folder.resolve(name);
    }
}
