// SPDX-License-Identifier: Apache-2.0
/**
 * The broker behind the channels, in this worker or, if another worker came first, there; and the one client of it that
 * speaks for all channels here.
 */

import { TabGroup } from '../../courtier/courtier.js';
import { TinyClient } from './tiny.js';

/** Above what a value may have, with its topic. */
const PACKET_BYTES_MAX = 16 << 20;

/**
 * Of `events` are called, for each broker: `telling()` before the first message; `message(message)`; `loaded()` when all
 * values that it has were among them. And `failed(error)` when it does not open.
 */
export class Bus {
  #group;
  #client;
  #events;
  #id = [...crypto.getRandomValues(new Uint32Array(2))].map((word) => word.toString(16)).join('');

  constructor({ name, persist }, events) {
    this.#events = events;
    this.#group = new TabGroup(`courtier.channels.${name}`, {
      tabId: this.#id,
      clientId: `channels-${this.#id}`,
      broker: { store: persist ? 'indexeddb' : 'memory', limits: { packetBytesMax: PACKET_BYTES_MAX } },
    });
    this.#group.on('error', (error) => events.failed(error));
    this.#open();
  }

  async #open() {
    await this.#group.join();
    const mark = `$channels/${this.#id}`;
    this.#client = new TinyClient(this.#group.transport(), `channels-${this.#id}`, {
      message: (message) => {
        if (message.topic !== mark) this.#events.message(message);
        else if (message.payload.length > 0) this.#loaded(mark);
      },
      connected: async () => {
        this.#events.telling();
        await this.#client.publish(mark, new Uint8Array(1), { retain: true, expiry: 60 });
        // Retained messages come in the order of the subscriptions: after this one there are no more.
        this.#client.subscribe('#');
        this.#client.subscribe(mark);
      },
    });
  }

  #loaded(mark) {
    this.#client.publish(mark, new Uint8Array(0), { retain: true });
    this.#events.loaded();
  }

  get about() {
    const { broker, role } = this.#group;
    return { role, runtime: broker?.runtime ?? null, store: broker?.store ?? null };
  }

  /** The reason code of the PUBACK. */
  publish(topic, payload, how) {
    return this.#client.publish(topic, payload, how);
  }

  /** Serves an MQTT client at the other end of a port. */
  accept(port) {
    const link = this.#group.transport().open({
      opened: () => {},
      bytes: (chunk) => port.postMessage(chunk),
      closed: () => {
        port.postMessage(null);
        port.close();
      },
    });
    port.onmessage = ({ data }) => {
      if (data instanceof Uint8Array) link.send(data);
      else link.close();
    };
    port.onclose = () => link.close();
    port.start();
  }
}
