// SPDX-License-Identifier: Apache-2.0
// Bridges of a tab's broker: each has a client at the broker and one at the other side, both in the compiled core.
import { load } from './load.js';
import { clientOptions, CourtierError, giveConnect, randomId } from './client.js';
import { inside } from './inside.js';
import { Taken } from './properties.js';
import { BRIDGE_LISTENER } from './users.js';

const TICK_MILLIS = 250;
const LOCAL = 0;
const REMOTE = 1;
const SIDES = ['local', 'remote'];

const bridgesOf = new WeakMap();

/** Starts a bridge. One of the same name that was there is stopped first, and the new one goes on with its backlog. */
export async function addBridge(broker, options) {
  const { name, transport, topics, backlog = 86_400, fingerprints = 0, ...client } = options;
  if (typeof name !== 'string' || name === '') throw new TypeError('a bridge has a name');
  if (!Array.isArray(topics)) throw new TypeError('a bridge has topics');
  const remote = clientOptions({
    clientId: `${broker.name}-${name}`,
    cleanStart: false,
    ...((client.version ?? 5) === 5 ? { sessionExpiryInterval: backlog } : {}),
    ...client,
    transport,
    store: 'memory',
  });
  const core = await load({ runtime: broker.runtime });
  const bridge = new Bridge(broker, core, { name, topics, backlog, fingerprints, remote });
  if (!bridgesOf.has(broker)) bridgesOf.set(broker, new Map());
  const all = bridgesOf.get(broker);
  all.get(name)?.stop();
  all.set(name, bridge);
  bridge.start();
  return bridge;
}

/** Ends a bridge, and what both sides kept for it. False where there is none of this name. */
export function removeBridge(broker, name) {
  const bridge = bridgesOf.get(broker)?.get(name);
  bridge?.remove();
  return bridge !== undefined;
}

export function bridges(broker) {
  return [...(bridgesOf.get(broker)?.values() ?? [])];
}

export class Bridge {
  #broker;
  #options;
  #bridge;
  #links = [null, null];
  #connections = [0, 0];
  #ticking = 0;
  #listeners = new Map();
  #unhook = [];

  constructor(broker, { exports, platform }, options) {
    this.#broker = broker;
    this.#options = options;
    this.name = options.name;
    const bridge = new exports.JsBridge(platform, this.#page());
    for (const { filter, direction = 'both', qos = 1, localPrefix = '', remotePrefix = '' } of options.topics) {
      if (![0, 1, 2].includes(qos)) throw new RangeError('qos is 0, 1 or 2');
      bridge.mapping(String(filter), direction, qos, localPrefix, remotePrefix);
    }
    giveConnect(bridge.given(), options.remote);
    this.#bridge = bridge;
  }

  /** Internal: once. */
  start() {
    const { name, remote, backlog, fingerprints } = this.#options;
    this.#ticking = setInterval(() => this.#bridge.tick(), TICK_MILLIS);
    this.#bridge.start(name, `${name}@${randomId()}`, remote.config, backlog, fingerprints);
    const hook = (event, up) => {
      const listener = () => this.#bridge.network(up);
      globalThis.addEventListener?.(event, listener);
      this.#unhook.push(() => globalThis.removeEventListener?.(event, listener));
    };
    hook('online', true);
    hook('offline', false);
    if (globalThis.navigator?.onLine === false) this.#bridge.network(false);
    for (const end of ['superseded', 'closing']) this.#unhook.push(this.#broker.on(end, () => this.stop()));
  }

  get state() {
    return this.#bridge.state(REMOTE);
  }

  /** Messages that came in, went out, could not be carried, and had come round. */
  get counts() {
    const count = what => this.#bridge.count(what);
    return { in: count('in'), out: count('out'), dropped: count('dropped'), loops: count('loops') };
  }

  /** Disconnects for good. Both sides keep what is to be carried, for the next bridge of this name. */
  stop() {
    this.#end(() => this.#bridge.stop());
  }

  /** The same, and nothing is kept. */
  remove() {
    this.#end(() => this.#bridge.remove());
  }

  #end(how) {
    if (!this.#ticking) return;
    clearInterval(this.#ticking);
    this.#ticking = 0;
    for (const each of this.#unhook) each();
    const all = bridgesOf.get(this.#broker);
    if (all?.get(this.name) === this) all.delete(this.name);
    how();
  }

  /** 'status' {side, state, cause?} and 'error' {side, error}. Gives the function that ends it. */
  on(event, listener) {
    if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
    this.#listeners.get(event).add(listener);
    return () => this.#listeners.get(event).delete(listener);
  }

  #emit(event, detail) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        listener(detail);
      } catch (error) {
        globalThis.reportError?.(error);
      }
    }
  }

  #page() {
    const taken = new Taken();
    return Object.assign(taken, {
      open: (side, connection) => this.#open(side, connection),
      send: (side, connection, bytes) => {
        if (connection !== this.#connections[side]) return;
        try {
          this.#links[side]?.send(bytes);
        } catch (error) {
          queueMicrotask(() => this.#closed(side, connection, error));
        }
      },
      close: (side, connection) => {
        if (connection !== this.#connections[side]) return;
        const link = this.#links[side];
        this.#links[side] = null;
        link?.close();
      },
      status: (side, state, kind, reason, text) => {
        const properties = taken.take();
        const cause = kind ? new CourtierError(kind, reason, text, properties) : undefined;
        this.#emit('status', { side: SIDES[side], state, cause });
      },
      trouble: (side, kind, reason, text) =>
        this.#emit('error', { side: SIDES[side], error: new CourtierError(kind, reason, text, taken.take()) }),
    });
  }

  #open(side, connection) {
    this.#connections[side] = connection;
    this.#links[side] = null;
    const current = () => connection === this.#connections[side] && this.#bridge;
    const transport = side === LOCAL ? inside(this.#broker, { listener: BRIDGE_LISTENER, address: 'bridge' }) : this.#options.remote.transport;
    try {
      this.#links[side] = transport.open({
        opened: () => current() && this.#bridge.opened(side, connection),
        bytes: chunk => current() && this.#bridge.received(side, connection, chunk),
        closed: error => this.#closed(side, connection, error),
      });
    } catch (error) {
      queueMicrotask(() => this.#closed(side, connection, error));
    }
  }

  #closed(side, connection, error) {
    if (connection !== this.#connections[side]) return;
    this.#links[side] = null;
    this.#bridge.closed(side, connection, error?.message ?? 'the other side closed the connection');
  }
}
