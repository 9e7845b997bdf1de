// SPDX-License-Identifier: Apache-2.0
package io.courtier.api;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The API and the SPI promise types, not machinery: below them there is the grammar and nothing else. */
class HouseRulesTest {
    private static final JavaClasses API = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.courtier.api", "io.courtier.spi");

    @Test
    void standsOnTheGrammarAndTheJdkAlone() {
        classes()
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                                "io.courtier.api..",
                                "io.courtier.spi..",
                                "io.courtier.protocol..",
                                "org.jspecify.annotations..",
                                "org.osgi.annotation..",
                                "java.lang..",
                                "java.util",
                                "java.util.function",
                                // EventLoop is an Executor, and a chain of certificates is what TLS found out.
                                "java.util.concurrent",
                                "java.security.cert",
                                // Where the files are that a bundle has served; the core knows nothing of it.
                                "java.nio.file")
                        // What goes wrong with the files of a store.
                        .or(type(IOException.class)))
                .check(API);
    }

    @Test
    void theStoresAndTheDoorsDoNotKnowEachOther() {
        noClasses()
                .that()
                .resideInAPackage("io.courtier.spi.store..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.courtier.spi.transport..", "io.courtier.spi.auth..")
                .check(API);
        noClasses()
                .that()
                .resideInAPackage("io.courtier.spi.transport..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.courtier.spi.store..", "io.courtier.spi.auth..", "io.courtier.api..")
                .check(API);
    }

    @Test
    void promisesNoFutures() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.util\\.concurrent\\.(Future|CompletableFuture|CompletionStage)")
                .check(API);
    }
}
