// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The room is pure: it depends on nothing, and what it uses of the JDK compiles for the browser and behaves the same. */
class HouseRulesTest {
    private static final PureRoom PROTOCOL = new PureRoom("io.courtier.protocol");

    private static final Set<String> JDK = Set.of(
            "java.io.Serializable",
            "java.lang.Boolean",
            "java.lang.Byte",
            "java.lang.CharSequence",
            "java.lang.Class",
            "java.lang.Comparable",
            "java.lang.Enum",
            "java.lang.FunctionalInterface",
            "java.lang.IllegalArgumentException",
            "java.lang.IllegalStateException",
            // What the compiler makes of a switch expression that covers an enum.
            "java.lang.IncompatibleClassChangeError",
            "java.lang.Integer",
            "java.lang.Iterable",
            "java.lang.Long",
            "java.lang.Math",
            "java.lang.NoSuchFieldError",
            "java.lang.Object",
            "java.lang.Override",
            "java.lang.Record",
            "java.lang.RuntimeException",
            "java.lang.String",
            "java.lang.StringBuilder",
            "java.lang.System",
            "java.lang.Throwable",
            "java.lang.annotation.Annotation",
            // What the compiler makes of records and of + on strings; TeaVM knows both.
            "java.lang.invoke.CallSite",
            "java.lang.invoke.LambdaMetafactory",
            "java.lang.invoke.MethodHandle",
            "java.lang.invoke.MethodHandles",
            "java.lang.invoke.MethodHandles$Lookup",
            "java.lang.invoke.MethodType",
            "java.lang.invoke.StringConcatFactory",
            "java.lang.invoke.TypeDescriptor",
            "java.lang.runtime.ObjectMethods",
            "java.util.ArrayList",
            "java.util.Collection",
            "java.util.Collections",
            "java.util.Iterator",
            "java.util.List",
            "java.util.Objects");

    @Test
    void usesNothingButItselfAndTheAllowListOfTheJdk() {
        classes()
                .should()
                .onlyDependOnClassesThat(new DescribedPredicate<JavaClass>("are allowed in a pure room") {
                    @Override
                    public boolean test(JavaClass used) {
                        String name = used.getBaseComponentType().getName();
                        return used.getBaseComponentType().isPrimitive()
                                || name.startsWith("io.courtier.protocol.")
                                || name.startsWith("org.jspecify.annotations.")
                                || name.startsWith("org.osgi.annotation.")
                                || JDK.contains(name);
                    }
                })
                .check(PROTOCOL.all());
    }

    @Test
    void readsNoClockAndDecodesNoCharsets() {
        PROTOCOL.callsNothingThatABrowserDoesOtherwise();
    }

    /** A browser has other white space. */
    @Test
    void stripsNothing() {
        noClasses().should().callMethod(String.class, "strip").check(PROTOCOL.all());
    }

    @Test
    void theValuesKnowNothingOfTheCodec() {
        noClasses()
                .that()
                .resideInAPackage("io.courtier.protocol")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.courtier.protocol.codec")
                .check(PROTOCOL.all());
    }
}
