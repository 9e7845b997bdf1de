// SPDX-License-Identifier: Apache-2.0
package io.courtier.access;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The room is pure: no thread, no clock, no socket, no future; and it looks downward only. */
class HouseRulesTest {
    private static final JavaClasses ACCESS = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.courtier.access");

    private static final Set<String> NOT_OF_JAVA_LANG = Set.of(
            "java.lang.Thread",
            "java.lang.ThreadLocal",
            "java.lang.Process",
            "java.lang.Runtime",
            "java.lang.ClassLoader");

    private static final Set<String> NOT_OF_JAVA_UTIL = Set.of(
            "java.util.Random",
            "java.util.UUID",
            "java.util.Scanner",
            "java.util.Timer",
            "java.util.ServiceLoader",
            "java.util.Date",
            "java.util.HexFormat");

    @Test
    void usesTheRoomsBelowItAndWhatTheBrowserHasOfTheJdk() {
        classes()
                .should()
                .onlyDependOnClassesThat(new DescribedPredicate<JavaClass>("are allowed in a pure room") {
                    @Override
                    public boolean test(JavaClass used) {
                        JavaClass type = used.getBaseComponentType();
                        String name = type.getName();
                        String room = type.getPackageName();
                        if (type.isPrimitive() || room.equals("io.courtier.access")) return true;
                        if (room.equals("io.courtier.protocol") || room.equals("io.courtier.spi.auth")) return true;
                        if (room.startsWith("org.jspecify.")) return true;
                        if (room.equals("java.lang")) return !NOT_OF_JAVA_LANG.contains(name);
                        if (room.equals("java.lang.invoke") || room.equals("java.lang.runtime")) return true;
                        if (room.equals("java.util")) return !NOT_OF_JAVA_UTIL.contains(name);
                        return room.equals("java.util.function");
                    }
                })
                .check(ACCESS);
    }

    @Test
    void readsNoClockAndWaitsForNobody() {
        noClasses()
                .should()
                .accessTargetWhere(new DescribedPredicate<JavaAccess<?>>("are clocks, locks or formats") {
                    @Override
                    public boolean test(JavaAccess<?> access) {
                        String owner = access.getTargetOwner().getName();
                        String name = access.getTarget().getName();
                        return switch (owner) {
                            case "java.lang.System" -> !name.equals("arraycopy");
                            case "java.lang.Math" -> name.equals("random");
                            case "java.lang.Object" ->
                                name.equals("wait") || name.equals("notify") || name.equals("notifyAll");
                            case "java.lang.String" ->
                                Set.of("format", "formatted", "split", "matches", "replaceAll", "getBytes")
                                        .contains(name);
                            // Missing or wrong in the browser's class library: platform/teavm.
                            case "java.util.Map" -> name.equals("copyOf");
                            case "java.util.List", "java.util.Set" -> name.equals("stream");
                            default -> false;
                        };
                    }
                })
                .check(ACCESS);
    }
}
