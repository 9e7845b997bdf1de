// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** Which doors a class of scenarios walks through. One that extends it may have others. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
public @interface Doors {
    /** An enum: each of its constants is a way. */
    Class<? extends Through> value();

    /** Gives them to the scenarios. */
    final class Source implements ArgumentsProvider {
        @Override
        public Stream<? extends Arguments> provideArguments(
                ParameterDeclarations parameters, ExtensionContext context) {
            Doors doors = context.getRequiredTestClass().getAnnotation(Doors.class);
            return Stream.of(doors.value().getEnumConstants()).map(Arguments::of);
        }
    }
}
