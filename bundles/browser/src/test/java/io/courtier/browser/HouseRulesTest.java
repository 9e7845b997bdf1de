// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Client and bridge are pure like the core: the page gives them time, chance and bytes, and they know nothing of JavaScript. */
class HouseRulesTest {
    private static final JavaClasses PURE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.courtier.browser.client", "io.courtier.browser.bridge");

    @Test
    void knowNothingOfThreadsNorOfJavaScript() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.util.concurrent..", "java.io..", "java.nio..", "java.net..", "java.time..", "org.teavm..")
                .check(PURE);
    }

    @Test
    void readNoClockAndUseNothingThatABrowserDoesOtherwise() {
        noClasses()
                .should()
                .accessTargetWhere(new DescribedPredicate<JavaAccess<?>>("are clocks, chance, formats or coders") {
                    @Override
                    public boolean test(JavaAccess<?> access) {
                        String name = access.getTarget().getName();
                        return switch (access.getTargetOwner().getName()) {
                            case "java.lang.System" -> !name.equals("arraycopy");
                            case "java.lang.Math" -> name.equals("random");
                            case "java.util.Random", "java.util.UUID" -> true;
                            case "java.lang.String" ->
                                Set.of("format", "formatted", "split", "matches", "replaceAll", "getBytes")
                                        .contains(name);
                            case "java.util.Map" -> name.equals("copyOf");
                            default -> false;
                        };
                    }
                })
                .check(PURE);
    }
}
