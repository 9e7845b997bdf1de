// SPDX-License-Identifier: Apache-2.0
/**
 * The broker behind the channels, in this worker or, if another worker came first, there; and the one client of it that
 * speaks for all channels here.
 */

import { addBridge, CourtierClient, TabGroup, webSocket } from '../../courtier/courtier.js';

/** Above what a value may have, with its topic. */
const PACKET_BYTES_MAX = 16 << 20;
const QUEUE_BYTES_MAX = 64 << 20;
/** The broker is near: whoever asks it again asks nobody else. */
const RECONNECT = { initialDelay: 20, maxDelay: 500, factor: 2, jitter: 0.5, first: true };

/**
 * Of `events` are called, for each broker: `telling()` before the first message; `message(message)`; `loaded()` when all
 * values that it has were among them. And `failed(error)` when it does not open.
 */
export class Bus {
  #group;
  #client;
  #events;
  #id = [...crypto.getRandomValues(new Uint32Array(2))].map((word) => word.toString(16)).join('');
  #brokers = 0;
  #subscribed;
  #first = new Promise((subscribed) => (this.#subscribed = subscribed));

  constructor({ name, persist, bridge }, events) {
    this.#events = events;
    this.#group = new TabGroup(`courtier.channels.${name}`, {
      tabId: this.#id,
      clientId: `channels-${this.#id}`,
      broker: { store: persist ? 'indexeddb' : 'memory', limits: { packetBytesMax: PACKET_BYTES_MAX } },
    });
    this.#group.on('error', (error) => events.failed(error));
    // Who is the broker bridges; another in its place goes on with what was to be carried.
    if (bridge) this.#group.on('role', (role) => role === 'broker' && this.#bridge(bridge).catch((error) => events.failed(error)));
    this.#open().catch((error) => events.failed(error));
  }

  async #open() {
    await this.#group.join();
    this.#client = new CourtierClient({
      transport: this.#group.transport(),
      clientId: `channels-${this.#id}`,
      keepAlive: 0,
      reconnect: RECONNECT,
      queue: { messages: 10_000, bytes: QUEUE_BYTES_MAX },
      maximumPacketSize: PACKET_BYTES_MAX,
      receiveMaximum: 1_000,
      // What is published leaves this one when it is sent, not when it is stored: else whoever listens would wait for that.
      inflightMaximum: 1_000,
    });
    this.#client.on('connected', () => this.#load().catch((error) => this.#events.failed(error)));
    await this.#client.connect();
    await this.#client.subscribe('#', { qos: 1, retainAsPublished: true }, (message) => this.#events.message(message));
    this.#subscribed();
  }

  /** Retained messages come in the order of the subscriptions: after those of this one there are no more. */
  async #load() {
    this.#events.telling();
    await this.#first;
    const mark = `$channels/${this.#id}/${++this.#brokers}`;
    await this.#client.publish(mark, '.', { qos: 1, retain: true, messageExpiryInterval: 60 });
    await this.#client.subscribe(mark, { qos: 1 }, async ({ payload }) => {
      if (payload.length === 0) return;
      this.#events.loaded();
      await this.#client.unsubscribe(mark);
      await this.#client.publish(mark, '', { qos: 1, retain: true });
    });
  }

  async #bridge({ url, prefix = '', userName = null, password = null }) {
    const bridge = await addBridge(this.#group.broker, {
      name: 'server',
      transport: webSocket(url),
      userName,
      password,
      topics: [{ filter: '#', direction: 'both', qos: 1, remotePrefix: prefix }],
    });
    bridge.on('error', ({ error }) => this.#events.failed(error));
  }

  get about() {
    const { broker, role } = this.#group;
    return { role, runtime: broker?.runtime ?? null, store: broker?.store ?? null };
  }

  /** Resolves with the reason code of the PUBACK. */
  async publish(topic, payload, { retain, expiry }) {
    try {
      const { reasonCode } = await this.#client.publish(topic, payload, { qos: 1, retain, messageExpiryInterval: expiry });
      return reasonCode;
    } catch (error) {
      if (error.reasonCode >= 0x80) return error.reasonCode;
      throw error;
    }
  }

  /** Serves an MQTT client at the other end of a port. */
  accept(port) {
    const early = [];
    let isOpen = false;
    const link = this.#group.transport().open({
      opened: () => {
        isOpen = true;
        for (const chunk of early.splice(0)) link.send(chunk);
      },
      bytes: (chunk) => port.postMessage(chunk),
      closed: () => {
        port.postMessage(null);
        port.close();
      },
    });
    port.onmessage = ({ data }) => {
      if (!(data instanceof Uint8Array)) link.close();
      else if (isOpen) link.send(data);
      else early.push(data);
    };
    port.onclose = () => link.close();
    port.start();
  }
}
