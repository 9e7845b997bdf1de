// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.connection;

import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.WebSocketConnection;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;

/**
 * Jetty's WebSocket connection with a short way for what nearly all frames are: one whole, masked binary message. They need
 * none of the locks, callbacks and states that Jetty keeps for each frame; their payload is copied at once. All others go
 * Jetty's way. Reading runs on the thread that watches the sockets, since nothing here waits.
 */
@SuppressWarnings("NullAway.Init") // Jetty is not annotated.
public final class PromptConnection extends WebSocketConnection {
    private final WsConnection mqtt;
    private final Callback readable = new Callback() {
        @Override
        public void succeeded() {
            onFillable();
        }

        @Override
        public void failed(Throwable failure) {
            onFillInterestedFailed(failure);
        }

        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }
    };
    /** A message of several frames has begun. */
    private boolean inFragments;
    /** The last frame went the short way and left Jetty's demand as it was. */
    private boolean goesOn;

    public PromptConnection(
            EndPoint endPoint,
            Executor executor,
            Scheduler scheduler,
            ByteBufferPool buffers,
            WebSocketCoreSession session,
            WsConnection mqtt) {
        super(endPoint, executor, scheduler, buffers, session);
        this.mqtt = mqtt;
    }

    @Override
    public void fillInterested() {
        fillInterested(readable);
    }

    /** Put off until it is known whether the frame goes Jetty's way. */
    @Override
    public boolean meetDemand() {
        return true;
    }

    @Override
    protected void onFrame(Frame.Parsed frame) {
        if (isPlain(frame)) {
            ByteBuffer payload = frame.getPayload();
            goesOn = mqtt.put(payload);
            frame.close();
            if (!goesOn) {
                super.meetDemand();
                // Only now: who asks for more finds that nothing is asked for.
                mqtt.oweDemand();
            }
            return;
        }
        goesOn = false;
        if (frame.isDataFrame()) {
            inFragments = !frame.isFin();
        }
        super.meetDemand();
        super.onFrame(frame);
    }

    @Override
    public boolean moreDemand() {
        return goesOn || super.moreDemand();
    }

    private boolean isPlain(Frame.Parsed frame) {
        return frame.getOpCode() == OpCode.BINARY
                && frame.isFin()
                && frame.isMasked()
                && frame.hasPayload()
                && !frame.hasRsv()
                && !inFragments
                && mqtt.takesWhole(frame.getPayloadLength());
    }
}
