// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.core.Limits;
import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.AuthenticationResult.Allow;
import io.courtier.spi.auth.AuthenticationResult.Deny;
import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.auth.Gatekeeper;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import io.courtier.spi.intercept.PublishInterceptor;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.EventLoop;
import io.courtier.spi.transport.InboundBytes;
import io.courtier.spi.transport.OutboundBytes;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that come while a guard is being replaced. */
class SwapTest {
    /** CONNACK of MQTT 3.1.1: no session, return code. */
    private static final int ALLOWED = 0;

    private static final int UNAVAILABLE = 3;
    private static final int NOT_AUTHORIZED = 5;

    private final PluginSnapshot.Holder holder = new PluginSnapshot.Holder();
    private final RunningBroker broker = new RunningBroker("test", "nio", 1, Limits.DEFAULT, 0, holder);

    private static final Authenticator LETS_IN =
            (request, answer) -> answer.accept(new Allow(new Principal("joe", java.util.Set.of(), "test")));
    private static final Authenticator KEEPS_OUT =
            (request, answer) -> answer.accept(new Deny(ReasonCode.NOT_AUTHORIZED, "no"));

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void waitForTheNewOne() throws Exception {
        guards(true);
        Arrival arrival = new Arrival();
        assertThat(arrival.answers.poll(50, TimeUnit.MILLISECONDS))
                .as("not yet")
                .isNull();
        guards(false, LETS_IN);
        assertThat(arrival.answer()).isEqualTo(ALLOWED);
    }

    @Test
    void areNotJudgedByThoseThatAreLeft() throws Exception {
        guards(true, KEEPS_OUT);
        Arrival arrival = new Arrival();
        guards(false, LETS_IN, KEEPS_OUT);
        assertThat(arrival.answer()).isEqualTo(ALLOWED);
    }

    @Test
    void areRefusedWhereNoneIsLeft() throws Exception {
        guards(true);
        Arrival arrival = new Arrival();
        guards(false);
        assertThat(arrival.answer()).isEqualTo(UNAVAILABLE);
    }

    @Test
    void areJudgedByThoseWhoWereThereWhenTheyCame() throws Exception {
        // A guard goes between two looks at who is there.
        Gatekeeper meanwhile = request -> {
            guards(true, KEEPS_OUT);
            return null;
        };
        broker.plugins(new PluginSnapshot(
                List.of(LETS_IN, KEEPS_OUT),
                List.of(),
                (p, c, l) -> Permissions.ALL,
                new PublishInterceptor[0],
                List.of(meanwhile),
                false));
        Arrival arrival = new Arrival();
        arrival.arrived();
        guards(false, LETS_IN, KEEPS_OUT);
        assertThat(arrival.answer()).isEqualTo(ALLOWED);
    }

    @Test
    void areAskedAnewWhenTheOneThatWasAskedGoes() throws Exception {
        BlockingQueue<Consumer<AuthenticationResult>> questions = new LinkedBlockingQueue<>();
        Authenticator slow = (request, answer) -> questions.add(answer);
        guards(false, slow);
        Arrival arrival = new Arrival();
        Consumer<AuthenticationResult> late = questions.take();
        guards(true);
        late.accept(new Allow(Principal.ANONYMOUS));
        guards(false, KEEPS_OUT);
        assertThat(arrival.answer()).isEqualTo(NOT_AUTHORIZED);
    }

    @Test
    void areAskedAnewWhenTheOneThatWasAskedWasGoneForAMoment() throws Exception {
        Authenticator[] itself = new Authenticator[1];
        List<AuthenticationRequest> questions = new java.util.concurrent.CopyOnWriteArrayList<>();
        itself[0] = (request, answer) -> {
            questions.add(request);
            if (questions.size() == 1) guards(true, KEEPS_OUT);
            answer.accept(new Allow(Principal.ANONYMOUS));
            if (questions.size() == 1) guards(false, itself[0], KEEPS_OUT);
        };
        guards(false, itself[0], KEEPS_OUT);
        assertThat(new Arrival().answer()).isEqualTo(ALLOWED);
        assertThat(questions).hasSize(2);
    }

    @Test
    void areAskedAnewWhenTheOneThatWasAskedBreaksWhileItGoes() throws Exception {
        Authenticator leaving = new Authenticator() {
            @Override
            public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
                guards(true);
                throw new IllegalStateException("already closed");
            }
        };
        guards(false, leaving);
        Arrival arrival = new Arrival();
        arrival.arrived();
        guards(false, LETS_IN);
        assertThat(arrival.answer()).isEqualTo(ALLOWED);
    }

    @Test
    void areTurnedAwayByAGatekeeperBeforeAnybodyIsAsked() throws Exception {
        List<Boolean> judged = new java.util.concurrent.CopyOnWriteArrayList<>();
        Gatekeeper shut = new Gatekeeper() {
            @Override
            public Deny refuses(AuthenticationRequest request) {
                return new Deny(ReasonCode.SERVER_UNAVAILABLE, "not today");
            }

            @Override
            public void judged(AuthenticationRequest request, boolean letIn) {
                judged.add(letIn);
            }
        };
        broker.plugins(new PluginSnapshot(
                List.of(LETS_IN),
                List.of(),
                (p, c, l) -> Permissions.ALL,
                new PublishInterceptor[0],
                List.of(shut),
                false));
        assertThat(new Arrival().answer()).isEqualTo(UNAVAILABLE);
        assertThat(judged).isEmpty();
    }

    @Test
    void areTurnedAwayByAGatekeeperThatBreaks() throws Exception {
        Gatekeeper broken = request -> {
            throw new IllegalStateException("a mistake");
        };
        broker.plugins(new PluginSnapshot(
                List.of(LETS_IN),
                List.of(),
                (p, c, l) -> Permissions.ALL,
                new PublishInterceptor[0],
                List.of(broken),
                false));
        assertThat(new Arrival().answer()).isEqualTo(UNAVAILABLE);
    }

    private void guards(boolean holding, Authenticator... chain) {
        broker.plugins(new PluginSnapshot(
                List.of(chain),
                List.of(),
                (p, c, l) -> Permissions.ALL,
                new PublishInterceptor[0],
                List.of(),
                holding));
    }

    /** A client that sends CONNECT and waits for CONNACK. */
    private final class Arrival implements OutboundBytes {
        final BlockingQueue<Integer> answers = new LinkedBlockingQueue<>();
        private final EventLoop loop = broker.loops().loop(0);

        Arrival() {
            loop.execute(() -> {
                InboundBytes in = broker.accept(new ConnectionInfo("t", "tcp", "127.0.0.1", 1, true, null), loop, this);
                byte[] connect = {0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 1, 'c'};
                in.received(connect, 0, connect.length);
            });
        }

        int answer() throws InterruptedException {
            Integer code = answers.poll(10, TimeUnit.SECONDS);
            assertThat(code).as("an answer").isNotNull();
            return code;
        }

        /** Waits until the loop has done what was posted to it. */
        void arrived() throws InterruptedException {
            BlockingQueue<Boolean> done = new LinkedBlockingQueue<>();
            loop.execute(() -> done.add(true));
            assertThat(done.poll(10, TimeUnit.SECONDS)).isTrue();
        }

        @Override
        public boolean write(byte[] bytes, int offset, int length) {
            if (bytes[offset] == 0x20) answers.add((int) bytes[offset + 3]);
            return true;
        }

        @Override
        public boolean writeShared(byte[] bytes, int offset, int length) {
            return write(bytes, offset, length);
        }

        @Override
        public void flush() {}

        @Override
        public void readable(boolean wanted) {}

        @Override
        public void moveTo(EventLoop home, Runnable arrived) {
            home.execute(arrived);
        }

        @Override
        public void close(CloseCause cause) {}
    }
}
