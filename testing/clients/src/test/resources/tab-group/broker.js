// SPDX-License-Identifier: Apache-2.0
// In the place of a broker: one that serves nobody, and takes as long to open as the world says. Its epoch is the database's,
// and whoever opened it before is fenced off when it next writes, which one without clients never does.
import { load } from './load.js';

export class CourtierBroker {
  closed = false;
  #listeners = new Map();
  #tab = globalThis.frameElement.tab;

  constructor(epoch) {
    this.epoch = epoch;
    this.#tab.brokers.add(this);
  }

  static async open() {
    const { tab } = globalThis.frameElement;
    await load();
    await tab.opens();
    if (tab.damaged) throw new Error('it cannot be opened');
    return new CourtierBroker(tab.world.inMemory ? 0 : ++tab.world.epoch);
  }

  on(event, listener) {
    this.#listeners.set(event, listener);
    return () => this.#listeners.delete(event);
  }

  connect(sink) {
    if (this.closed) throw new Error('the broker is closed');
    return { receive: chunk => sink.bytes(chunk), consumed() {}, lost() {} };
  }

  async close() {
    this.closed = true;
    this.#tab.brokers.delete(this);
  }
}
