// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;

/**
 * The main classes of some packages, and what all pure rooms are held to: no thread, no clock, no chance, no socket, no
 * future, and of the JDK what the browser has too, with the same meaning.
 */
public final class PureRoom {
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

    private static final Set<String> NOT_OF_STRING =
            Set.of("format", "formatted", "split", "matches", "replaceAll", "replaceFirst", "getBytes", "lines");

    private final JavaClasses all;

    /** @param packages with those within them */
    public PureRoom(String... packages) {
        all = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages(packages);
    }

    public JavaClasses all() {
        return all;
    }

    /**
     * Fails where it depends on others than these packages, which end in {@code ..} where those within them count, and what
     * the browser has of the JDK.
     *
     * @param besides single classes that it may use as well
     */
    public void usesOnly(Set<String> besides, String... packages) {
        DescribedPredicate<JavaClass> rooms = resideInAnyPackage(packages);
        classes()
                .should()
                .onlyDependOnClassesThat(new DescribedPredicate<JavaClass>("are allowed in a pure room") {
                    @Override
                    public boolean test(JavaClass used) {
                        JavaClass type = used.getBaseComponentType();
                        return type.isPrimitive()
                                || rooms.test(type)
                                || besides.contains(type.getName())
                                || isOfBoth(type.getPackageName(), type.getName());
                    }
                })
                .check(all);
    }

    private static boolean isOfBoth(String room, String name) {
        return switch (room) {
            case "java.lang" -> !NOT_OF_JAVA_LANG.contains(name);
            case "java.util" -> !NOT_OF_JAVA_UTIL.contains(name);
            default ->
                room.equals("java.util.function")
                        // What the compiler makes of records, lambdas and + on strings.
                        || room.equals("java.lang.invoke")
                        || room.equals("java.lang.runtime")
                        || room.startsWith("org.jspecify.");
        };
    }

    /** Fails where it reads a clock, waits, or calls what the browser lacks or does otherwise. */
    public void callsNothingThatABrowserDoesOtherwise() {
        noClasses()
                .should()
                .accessTargetWhere(
                        new DescribedPredicate<JavaAccess<?>>("are clocks, locks, chance, formats or coders") {
                            @Override
                            public boolean test(JavaAccess<?> access) {
                                String name = access.getTarget().getName();
                                return switch (access.getTargetOwner().getName()) {
                                    case "java.lang.System" -> !name.equals("arraycopy");
                                    case "java.lang.Math" -> name.equals("random");
                                    case "java.util.Random", "java.util.UUID" -> true;
                                    case "java.lang.Object" ->
                                        name.equals("wait") || name.equals("notify") || name.equals("notifyAll");
                                    case "java.lang.String" -> NOT_OF_STRING.contains(name);
                                    case "java.util.Map" -> name.equals("copyOf");
                                    case "java.util.concurrent.ConcurrentHashMap" ->
                                        name.equals("keySet") || name.equals("newKeySet");
                                    case "java.util.List", "java.util.Set" -> name.equals("stream");
                                    default -> false;
                                };
                            }
                        })
                .check(all);
    }
}
