// SPDX-License-Identifier: Apache-2.0
// The broker of a tab: what a page or a worker has of it.
import { Listeners } from './listeners.js';
import { load } from './load.js';
import { IndexedDbStorage, MemoryStorage } from './storage.js';
import { authenticator, enhancedAuthenticator, Users } from './users.js';

const TICK_MILLIS = 100;

export class CourtierBroker {
  #core;
  #broker;
  #storage;
  #listeners = new Listeners();
  #ticking = 0;
  #wake = new MessageChannel();
  #connections = new Set();
  #closed = false;
  #access = null;
  #ownUsers;
  #kept = {};

  constructor(core, storage, name, storeWhy, users) {
    this.name = name;
    this.runtime = core.runtime;
    this.store = storage.kind;
    this.storeWhy = storeWhy;
    this.users = users ?? new Users({ changed: () => this.#keepUsers() });
    this.#ownUsers = users === undefined;
    this.#core = core;
    this.#storage = storage;
  }

  static async open({ name = 'courtier', store = 'indexeddb', runtime = 'auto', users, ...others } = {}) {
    const core = await load({ runtime });
    const start = async ({ storage, why, found }) => {
      const broker = new CourtierBroker(core, storage, name, why, users);
      try {
        await broker.#start(found, others);
      } catch (error) {
        broker.#stop();
        await storage.close();
        throw error;
      }
      return broker;
    };
    const stored = await openStorage(name, store);
    try {
      return await start(stored);
    } catch (error) {
      if (stored.storage.kind === 'memory') throw error;
      // A record is damaged, and stays as it is for whoever can read it; users and rules could be read, and count. Where an
      // option is what is wrong it is wrong again.
      const memory = await inMemory('what is stored cannot be read, and is left as it is');
      memory.found.settings = stored.found.settings;
      return start(memory);
    }
  }

  async #start(found, { anonymous, access, authenticate, authenticationMethods, limits = {}, history, changesOnly, platform = this.#core.platform }) {
    const { next, records, retained, history: past, settings } = found;
    const users = this.users;
    if (settings.users && this.#ownUsers) users.import(settings.users);
    for (const [name, value] of Object.entries(settings)) if (name.startsWith('kept:')) this.#kept[name.slice(5)] = value;
    await new Promise(ready => {
      const host = {
        again: () => this.#wake.port2.postMessage(0),
        authenticate: authenticator({ users, authenticate, anonymous: () => anonymous ?? users.userCount === 0 }),
        enhanced: enhancedAuthenticator(authenticationMethods),
        event: (kind, client, reason, text) => this.#tell(kind, client, reason, text),
        ready,
      };
      const broker = new this.#core.exports.JsBroker(platform, host, this.#storage);
      for (const [limit, value] of Object.entries(limits)) broker.limit(limit, String(value));
      this.#broker = broker;
      this.#useAccess(access === undefined ? (settings.access ?? null) : access);
      this.#wake.port1.onmessage = () => broker.again();
      for (const [position, record] of records) broker.loaded(position, record);
      for (const message of retained) broker.kept(message);
      if (history) {
        const { filters = [], perTopic = -1, bytes = -1, seconds = -1 } = history === true ? {} : history;
        broker.history(filters.join('\n'), perTopic, bytes, seconds);
        for (const [position, record] of past) broker.past(position, record);
      } else for (const [position] of past) this.#storage.forgetHistory(position);
      if (changesOnly) broker.changesOnly(changesOnly === true ? '#' : changesOnly.join('\n'));
      broker.begin(next);
      let trouble = 0;
      this.#storage.begin({
        committed: ticket => broker.committed(ticket),
        trouble: (reason, why) => {
          broker.trouble(reason, why);
          if (reason !== trouble) this.#listeners.emit('storage', { reason, why });
          trouble = reason;
        },
        superseded: why => this.#supersede(why),
      });
      broker.start();
    });
    this.#ticking = setInterval(() => this.#broker.tick(), TICK_MILLIS);
  }

  #tell(kind, client, reason, text) {
    if (kind === 'connected') this.#listeners.emit(kind, { client, userName: text || null });
    else if (kind === 'dropped') this.#listeners.emit(kind, { client, drop: text });
    else if (kind.endsWith('subscribed')) this.#listeners.emit(kind, { client, filter: text });
    else this.#listeners.emit(kind, { client, reason, why: text });
  }

  /**
   * Other access rules count at once, and for who is the broker of this name later. Throws where they are broken; then
   * nothing changes.
   */
  setAccess(text) {
    this.#useAccess(text ?? null);
    return this.#storage.setting('access', this.#access);
  }

  #useAccess(text) {
    const wrong = this.#broker.access(text);
    if (wrong) throw new Error(wrong);
    this.#access = text;
  }

  #keepUsers() {
    // Who changes users does not wait for that; a broker that has ended keeps none.
    if (this.#ticking) this.#storage.setting('users', this.users.export()).catch(() => {});
  }

  get access() {
    return this.#access;
  }

  /** Keeps something with the broker of this name, for whoever is it later; resolves when it is stored. */
  keep(name, value) {
    this.#kept[name] = value;
    return this.#storage.setting(`kept:${name}`, value);
  }

  kept(name) {
    return this.#kept[name];
  }

  clients() {
    const all = [];
    this.#broker.clients((client, userName, version, listener, address, subscriptions, queued, inflight) =>
      all.push({ client, userName, version, listener, address, subscriptions, queued, inflight }),
    );
    return all;
  }

  counters() {
    const all = {};
    this.#broker.counters((name, value) => (all[name] = value));
    return all;
  }

  /** Publishes what clients() and counters() know under $SYS/broker/, now and every so many seconds. */
  startSysTopics(seconds = 10) {
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > 86_400) throw new RangeError('seconds are 1 to 86400');
    this.#broker.startSystemTopics(seconds);
  }

  /** Publishes it no more, and clears what is retained of it. */
  stopSysTopics() {
    this.#broker.stopSystemTopics();
  }

  /** Ends a client's connection (0x98); its session stays. */
  disconnect(client) {
    this.#broker.disconnect(client);
  }

  /** Grows with each broker that opens the database of this name; 0 in memory. */
  get epoch() {
    return this.#storage.epoch;
  }

  /** Serves a client by calls. */
  connect(sink, { listener = 'page', address = '' } = {}) {
    if (this.#closed) throw new Error('the broker is closed');
    const connections = this.#connections;
    const port = this.#broker.open(listener, address, true, {
      bytes: chunk => sink.bytes(chunk),
      closed() {
        connections.delete(connection);
        sink.closed();
      },
    });
    let credited = false;
    const connection = {
      receive: chunk => port.receive(chunk),
      consumed(bytes) {
        if (!credited) port.credited();
        credited = true;
        port.consumed(bytes);
      },
      lost() {
        if (!connections.delete(connection)) return;
        port.lost();
      },
      sink,
    };
    connections.add(connection);
    return connection;
  }

  /** Serves a client at the other end of a port: each message is a part of the stream, null its end. */
  accept(port, options) {
    const connection = this.connect(
      {
        bytes: chunk => port.postMessage(chunk, [chunk.buffer]),
        closed() {
          port.postMessage(null);
          port.close();
        },
      },
      options,
    );
    port.addEventListener('message', ({ data }) => {
      if (data instanceof Uint8Array) connection.receive(data);
      // It has taken so many bytes: who never says so is never slow.
      else if (typeof data === 'number') connection.consumed(data);
      else {
        connection.lost();
        port.close();
      }
    });
    // Where the browser tells it: the other side's tab is gone.
    port.addEventListener('close', () => connection.lost());
    port.start();
  }

  createPort(options) {
    const channel = new MessageChannel();
    this.accept(channel.port1, options);
    return channel.port2;
  }

  on(event, listener) {
    return this.#listeners.on(event, listener);
  }

  /** Another broker has the sessions now: what this one still says counts for nothing, so it says nothing. */
  #supersede(why) {
    if (this.#closed) return;
    this.#stop();
    for (const connection of [...this.#connections]) connection.sink.closed();
    this.#connections.clear();
    this.#listeners.emit('superseded', { why });
  }

  #stop() {
    this.#closed = true;
    clearInterval(this.#ticking);
    this.#wake.port1.close();
  }

  async close() {
    if (this.#closed) return;
    this.#listeners.emit('closing', {});
    this.#broker.close();
    this.#broker.again();
    this.#stop();
    await this.#storage.close();
  }
}

/** What is wanted, with what is in it; memory where that cannot be had: blocked, not to be read, or full to the last byte. */
async function openStorage(name, wanted) {
  if (wanted === 'memory') return inMemory('');
  let storage = null;
  try {
    storage = await IndexedDbStorage.open(name);
    return { storage, why: '', found: await storage.load() };
  } catch (error) {
    await storage?.close();
    return inMemory(String(error?.message ?? error));
  }
}

async function inMemory(why) {
  const storage = new MemoryStorage();
  return { storage, why, found: await storage.load() };
}
