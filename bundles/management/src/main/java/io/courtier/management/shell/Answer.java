// SPDX-License-Identifier: Apache-2.0
package io.courtier.management.shell;

import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Waits on the shell's thread for what the broker answers on one of its own. */
final class Answer {
    private static final long PATIENCE_SECONDS = 10;

    private Answer() {}

    interface Question<T> {
        void ask(Consumer<@Nullable T> answer);
    }

    /** Empty where the answer is null; IllegalStateException where none comes. */
    static <T> Optional<T> to(Question<T> question) throws InterruptedException {
        BlockingQueue<Optional<T>> answers = new ArrayBlockingQueue<>(1);
        question.ask(answer -> answers.offer(Optional.ofNullable(answer)));
        Optional<T> answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (answer == null) throw new IllegalStateException("the broker does not answer");
        return answer;
    }
}
