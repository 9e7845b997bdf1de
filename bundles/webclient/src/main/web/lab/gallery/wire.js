// SPDX-License-Identifier: Apache-2.0
// The wire between a client and its broker, to be looked at and cut.

export const PUBLISH = 3;
export const PUBREC = 5;
export const PUBREL = 6;

/** A transport that goes through another one. */
export class Wire {
  #through;
  #link = null;
  #events = null;
  #watch = () => true;
  /** Control packets, by the direction seen from the client: {type, dup, length}. */
  sent = [];
  received = [];
  /** Whether a new connection is refused by the "network". */
  down = false;
  /** How often it was opened. */
  opened = 0;

  constructor(through) {
    this.#through = through;
    this.name = `${through.name}, with a wire to cut`;
  }

  open(events) {
    this.#events = events;
    this.opened++;
    const incoming = new Packets();
    const outgoing = new Packets();
    if (this.down) {
      queueMicrotask(() => events.closed(new Error('the wire is cut')));
      return { send() {}, close() {} };
    }
    const link = this.#through.open({
      opened: () => events.opened(),
      bytes: chunk => {
        for (const packet of incoming.of(chunk)) {
          this.received.push(packet);
          if (this.#watch(packet, 'received') === false) return;
        }
        events.bytes(chunk);
      },
      closed: error => events.closed(error),
    });
    this.#link = link;
    return {
      send: chunk => {
        for (const packet of outgoing.of(chunk)) {
          this.sent.push(packet);
          if (this.#watch(packet, 'sent') === false) return;
        }
        link.send(chunk);
      },
      close: () => link.close(),
    };
  }

  /** Both sides lose each other without a word. */
  cut() {
    const [link, events] = [this.#link, this.#events];
    this.#link = null;
    link?.close();
    events?.closed(new Error('the wire was cut'));
  }

  /** Cuts it when such a packet passes, which then does not arrive. */
  cutAt(direction, type) {
    this.#watch = (packet, where) => {
      if (where !== direction || packet.type !== type) return true;
      this.#watch = () => true;
      // The client is in the middle of its turn.
      queueMicrotask(() => this.cut());
      return false;
    };
  }
}

/** Finds packets in a stream of bytes. [MQTT-2.1.4] */
class Packets {
  #bytes = new Uint8Array();

  *of(chunk) {
    const all = new Uint8Array(this.#bytes.length + chunk.length);
    all.set(this.#bytes);
    all.set(chunk, this.#bytes.length);
    let at = 0;
    for (let end = packetEnd(all, at); end <= all.length; end = packetEnd(all, at)) {
      yield { type: all[at] >> 4, dup: (all[at] & 8) !== 0, length: end - at };
      at = end;
    }
    this.#bytes = all.slice(at);
  }
}

function packetEnd(bytes, from) {
  let length = 0;
  for (let at = from + 1, shift = 0; at < bytes.length; at++, shift += 7) {
    length |= (bytes[at] & 0x7f) << shift;
    if (bytes[at] < 0x80) return at + 1 + length;
  }
  return Infinity;
}
