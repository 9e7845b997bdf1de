// SPDX-License-Identifier: Apache-2.0
// Byte streams to a broker. Chunks need not end where packets do, on either side.
import { Chunks } from './chunks.js';

/** MQTT over WebSocket, subprotocol mqtt. */
export function webSocket(url) {
  const name = String(url);
  return {
    name,
    open(events) {
      // On a page that came by https a ws: URL throws here: the client is told, as of any other failure.
      const socket = new WebSocket(name, ['mqtt']);
      const told = once(events);
      socket.binaryType = 'arraybuffer';
      socket.onopen = () => told.opened();
      socket.onmessage = ({ data }) => {
        if (data instanceof ArrayBuffer) return told.bytes(new Uint8Array(data));
        told.closed(new Error('a text frame came, and MQTT has none'));
        socket.close();
      };
      // An error event says nothing more, and close follows it.
      socket.onclose = ({ code, reason }) =>
        told.closed(new Error(`the WebSocket closed with ${code}${reason ? `: ${reason}` : ''}`));
      return {
        get buffered() {
          return socket.bufferedAmount;
        },
        send(chunk) {
          if (socket.readyState === WebSocket.OPEN) socket.send(chunk);
        },
        close() {
          told.silence();
          socket.close();
        },
      };
    },
  };
}

/**
 * Raw bytes over a MessagePort: each message is a Uint8Array, a part of the stream; null closes. A function gives a new port
 * for each connection; a port alone can be connected once.
 */
export function messagePort(source) {
  let used = false;
  async function next() {
    if (typeof source === 'function') return source();
    if (used) throw new Error('the port was connected before: give a function that makes ports, to connect again');
    used = true;
    return source;
  }
  return {
    name: 'MessagePort',
    open(events) {
      const told = once(events);
      let port = null;
      let closed = false;
      const close = () => {
        closed = true;
        port?.close();
      };
      next().then(
        found => {
          port = found;
          if (closed) return port.close();
          port.addEventListener('message', ({ data }) => {
            if (data instanceof Uint8Array) return told.bytes(data);
            if (data instanceof ArrayBuffer) return told.bytes(new Uint8Array(data));
            told.closed(data === null ? undefined : new Error('the port sent something else than bytes'));
            close();
          });
          // Where the browser tells it: the other side is gone.
          port.addEventListener('close', () => told.closed(new Error('the port was closed')));
          port.start();
          told.opened();
        },
        error => told.closed(error instanceof Error ? error : new Error(String(error))),
      );
      const out = new Chunks(all => closed || port?.postMessage(all, [all.buffer]));
      return {
        send: chunk => out.add(chunk),
        close() {
          told.silence();
          out.flush();
          if (port && !closed) port.postMessage(null);
          close();
        },
      };
    },
  };
}

/** `closed` is told once, and nothing after it. */
function once(events) {
  let over = false;
  return {
    opened() {
      if (!over) events.opened();
    },
    bytes(chunk) {
      if (!over) events.bytes(chunk);
    },
    closed(error) {
      if (over) return;
      over = true;
      events.closed(error);
    },
    silence() {
      over = true;
    },
  };
}
