// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.EnhancedAuthenticator;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import io.courtier.spi.transport.OutboundBytes;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Shards without a loop: what they post to each other lies in a queue until the test takes it out. */
final class TestHost {
    final Shard[] shards;
    final Routes routes = new Routes();
    final RetainedMessages retained;
    final Users users = new Users();
    final ArrayDeque<Runnable> mail = new ArrayDeque<>();
    long congested;
    /** As whom a client comes in, by its identifier. */
    Function<String, Principal> principals = client -> Principal.ANONYMOUS;
    /** Who speaks Authentication Methods, by the method. */
    Function<String, EnhancedAuthenticator.@Nullable Exchange> exchanges = method -> null;
    /** What a client may, by its identifier. */
    Function<String, Permissions> permissions = client -> Permissions.ALL;
    /** When set, answers wait here until the test gives them. */
    @Nullable
    ArrayDeque<Runnable> answers;

    TestHost(int count, Limits limits) {
        this(count, limits, CoreEvents.NONE);
    }

    TestHost(int count, Limits limits, CoreEvents events) {
        shards = new Shard[count];
        retained = new RetainedMessages(limits.retainedMessagesMax(), limits.retainedBytesMax(), null);
        for (int i = 0; i < count; i++) {
            shards[i] = new Shard(
                    i,
                    limits,
                    routes,
                    retained,
                    Stores.NONE,
                    users,
                    new Others(),
                    new Everybody(),
                    events,
                    () -> 4,
                    0,
                    1_000_000);
        }
    }

    void deliverMail() {
        while (!mail.isEmpty()) mail.remove().run();
    }

    private final class Others implements Peers {
        @Override
        public int count() {
            return shards.length;
        }

        @Override
        public void post(int shard, Object[] items, int length, long bytes) {
            mail.add(() -> shards[shard].receive(items, length));
        }

        @Override
        public boolean isCongested(int shard) {
            return (congested & 1L << shard) != 0;
        }

        @Override
        public void move(OutboundBytes out, int shard, Consumer<Shard> arrived) {
            mail.add(() -> arrived.accept(shards[shard]));
        }
    }

    private final class Everybody implements Plugins {
        @Override
        public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
            Runnable allow =
                    () -> answer.accept(new AuthenticationResult.Allow(principals.apply(request.clientIdentifier())));
            if (answers == null) allow.run();
            else answers.add(allow);
        }

        @Override
        public EnhancedAuthenticator.@Nullable Exchange enhanced(String method, AuthenticationRequest request) {
            return exchanges.apply(method);
        }

        @Override
        public Permissions permissions(Principal principal, String clientIdentifier, String listener) {
            return permissions.apply(clientIdentifier);
        }

        @Override
        public @Nullable ApplicationMessage intercept(ApplicationMessage message) {
            return message;
        }
    }
}
