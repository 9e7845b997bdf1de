// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import org.jspecify.annotations.Nullable;
import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;
import org.teavm.jso.typedarrays.Uint8Array;

/** What JavaScript gives to the compiled core. */
final class JsTypes {
    private JsTypes() {}

    /** Time and chance. */
    public interface Platform extends JSObject {
        /** Milliseconds, monotonic. */
        double now();

        /** Milliseconds since 1970. */
        double epoch();

        /** 32 random bits that nobody can foresee. */
        int random();
    }

    /** What a broker tells its page, and asks of it. */
    public interface BrokerHost extends JSObject {
        /** Calls turn() in a task of its own. */
        void again();

        void authenticate(
                String clientIdentifier,
                @Nullable String userName,
                @Nullable Uint8Array password,
                String listener,
                Verdict answer);

        /** Undefined where the page speaks no Authentication Method. */
        @JSProperty
        @Nullable
        Enhanced getEnhanced();

        /** Something that a person may want to know: see courtier.d.ts. */
        void event(String kind, String client, int reason, String text);

        /** Sessions are there: connections may be opened. */
        void ready();
    }

    /** The answer to authenticate: 0 lets the client in, with the roles between the commas; others may name another server. */
    @JSFunctor
    public interface Verdict extends JSObject {
        void answer(double reason, String why, String roles, @Nullable String serverReference);
    }

    /** Begins enhanced authentication by a method; undefined: not spoken. */
    @JSFunctor
    public interface Enhanced extends JSObject {
        @Nullable
        Exchange begin(String method, String clientIdentifier, String listener);
    }

    /** One step of it, with what CONNECT or AUTH carried. */
    @JSFunctor
    public interface Exchange extends JSObject {
        void step(@Nullable Uint8Array data, StepVerdict answer);
    }

    /** The answer to a step: 0x18 goes on, 0 lets the client in. */
    @JSFunctor
    public interface StepVerdict extends JSObject {
        void answer(double reason, @Nullable Uint8Array data, @Nullable String userName, String roles, String why);
    }

    /** The other end of a connection. */
    public interface PortSink extends JSObject {
        void bytes(Uint8Array bytes);

        void closed();
    }

    /** TabStorage, in JavaScript. */
    public interface Storage extends JSObject {
        void message(double position, Uint8Array record);

        void log(double position, Uint8Array record);

        void retained(String topic, @Nullable Uint8Array message);

        void history(double position, Uint8Array record);

        void forgetHistory(double position);

        void imageRecord(double position, Uint8Array record);

        void imageMessage(double position);

        /** Ends an image of what was before a position. */
        void image(double upTo);

        void commit(double ticket);

        void read(double position, int index, Found found);
    }

    /** One message that was read; undefined: it is not there. */
    @JSFunctor
    public interface Found extends JSObject {
        void found(int index, @Nullable Uint8Array record);
    }

    @JSFunctor
    public interface ClientVisitor extends JSObject {
        void client(
                String clientIdentifier,
                @Nullable String userName,
                String version,
                String listener,
                String address,
                int subscriptions,
                int queued,
                int inflight);
    }

    @JSFunctor
    public interface CounterVisitor extends JSObject {
        void count(String name, double value);
    }
}
