// SPDX-License-Identifier: Apache-2.0
/** A stand-in until CourtierClient is there. */
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class TinyClient {
  #connection = null;
  #ids = 0;
  #acks = new Map();
  #rest = new Uint8Array(0);
  #transport;
  #clientId;
  #events;

  constructor(transport, clientId, events) {
    this.#transport = transport;
    this.#clientId = clientId;
    this.#events = events;
    this.#connect();
  }

  #connect() {
    this.#rest = new Uint8Array(0);
    const link = this.#transport.open({
      opened: () => {
        this.#connection = link;
        this.#send(0x10, [0, 4, 77, 81, 84, 84, 5, 2, 0, 0, 0, ...string(this.#clientId)]);
      },
      bytes: (chunk) => this.#bytes(chunk),
      closed: () => {
        this.#connection = null;
        setTimeout(() => this.#connect(), 20);
      },
    });
  }

  subscribe(filter) {
    this.#send(0x82, [...two(this.#id()), 0, ...string(filter), 0x09]);
  }

  publish(topic, payload, { retain = false, expiry } = {}) {
    const id = this.#id();
    const properties = expiry === undefined ? [0] : [5, 2, ...two(expiry >>> 16), ...two(expiry & 0xffff)];
    const head = [...string(topic), ...two(id), ...properties];
    const send = (again) => this.#send(0x32 | (retain ? 1 : 0) | (again ? 8 : 0), head, payload);
    const answered = new Promise((resolve) => this.#acks.set(id, { resolve, send }));
    send(false);
    return answered;
  }

  #id() {
    return (this.#ids = (this.#ids % 65_535) + 1);
  }

  #send(first, head, payload = new Uint8Array(0)) {
    let length = head.length + payload.length;
    const start = [first];
    do {
      start.push((length & 127) | (length > 127 ? 128 : 0));
      length >>>= 7;
    } while (length > 0);
    const packet = new Uint8Array(start.length + head.length + payload.length);
    packet.set(start);
    packet.set(head, start.length);
    packet.set(payload, start.length + head.length);
    this.#connection?.send(packet);
  }

  #bytes(chunk) {
    let all = chunk;
    if (this.#rest.length > 0) {
      all = new Uint8Array(this.#rest.length + chunk.length);
      all.set(this.#rest);
      all.set(chunk, this.#rest.length);
    }
    let at = 0;
    for (;;) {
      let length = 0;
      let to = at + 1;
      let shift = 0;
      while (to < all.length && all[to] & 128) {
        length |= (all[to++] & 127) << shift;
        shift += 7;
      }
      if (to >= all.length) break;
      length |= all[to++] << shift;
      if (to + length > all.length) break;
      this.#packet(all[at], all.subarray(to, to + length));
      at = to + length;
    }
    this.#rest = all.slice(at);
  }

  #packet(first, body) {
    const type = first >> 4;
    if (type === 4) {
      const id = (body[0] << 8) | body[1];
      this.#acks.get(id)?.resolve(body[2] ?? 0);
      this.#acks.delete(id);
    } else if (type === 2) {
      for (const { send } of this.#acks.values()) send(true);
      this.#events.connected();
    } else if (type === 3) {
      const length = (body[0] << 8) | body[1];
      const topic = decoder.decode(body.subarray(2, 2 + length));
      let at = 2 + length;
      if (first & 6) {
        this.#send(0x40, [body[at], body[at + 1]]);
        at += 2;
      }
      const end = at + 1 + body[at];
      const expiry = body[at + 1] === 2 && body[at] ? new DataView(body.buffer, body.byteOffset + at + 2).getUint32(0) : undefined;
      this.#events.message({ topic, payload: body.slice(end), retain: (first & 1) === 1, expiry });
    }
  }
}

function two(n) {
  return [n >> 8, n & 255];
}

function string(text) {
  const bytes = encoder.encode(text);
  return [...two(bytes.length), ...bytes];
}
