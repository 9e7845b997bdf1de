// SPDX-License-Identifier: Apache-2.0
// Bridges of a tab's broker: each has a client at the broker and one at the other side, both in the compiled core.
import { clientOptions, giveConnect, randomId } from './client-options.js';
import { CourtierError } from './courtier-error.js';
import { inside } from './inside.js';
import { Listeners } from './listeners.js';
import { load } from './load.js';
import { Taken } from './properties.js';
import { BRIDGE_LISTENER } from './users.js';
import { Wire } from './wire.js';

const TICK_MILLIS = 250;
const LOCAL = 0;
const REMOTE = 1;
const SIDES = ['local', 'remote'];
/** Why the broker of the tab drops what is for the bridge, which does not hear of it. What it drops of the bridge's own it answers. */
const MISSED = ['QUEUE_FULL', 'SLOW_CONSUMER', 'EXPIRED', 'STORE', 'PACKET_TOO_LARGE'];
/** A broker in memory is another one at the next visit, and its bridge another client: no server keeps its session for long. */
const MEMORY_BACKLOG = 300;

const bridgesOf = new WeakMap();

/** Starts a bridge. One of the same name that was there is stopped first, and the new one goes on with its backlog. */
export async function addBridge(broker, options) {
  const { name, transport, topics, backlog = 86_400, fingerprints = 0, ...client } = options;
  if (typeof name !== 'string' || name === '') throw new TypeError('a bridge has a name');
  if (!Array.isArray(topics)) throw new TypeError('a bridge has topics');
  const remote = clientOptions({
    clientId: clientIdOf(broker, name),
    cleanStart: false,
    ...((client.version ?? 5) === 5 ? { sessionExpiryInterval: broker.store === 'memory' ? Math.min(backlog, MEMORY_BACKLOG) : backlog } : {}),
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

/** The same at each visit, and in no other browser: the server would take two for one client. */
function clientIdOf(broker, name) {
  const key = `bridge-id:${name}`;
  const id = broker.kept(key) ?? randomId('bridge');
  if (id !== broker.kept(key)) broker.keep(key, id).catch(() => {});
  return id;
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
  #wires;
  #ticking = 0;
  #missed = 0;
  #listeners = new Listeners();
  #unhook = [];

  constructor(broker, { exports, platform }, options) {
    this.#broker = broker;
    this.#options = options;
    this.name = options.name;
    const near = inside(broker, { listener: BRIDGE_LISTENER, address: 'bridge' });
    this.#wires = [near, options.remote.transport].map((transport, side) => this.#wire(side, transport));
    const bridge = new exports.JsBridge(platform, this.#page());
    for (const { filter, direction = 'both', qos = 1, localPrefix = '', remotePrefix = '' } of options.topics) {
      if (![0, 1, 2].includes(qos)) throw new RangeError('qos is 0, 1 or 2');
      bridge.mapping(String(filter), direction, qos, localPrefix, remotePrefix);
    }
    giveConnect(bridge.given(), options.remote);
    this.#bridge = bridge;
  }

  #wire(side, transport) {
    return new Wire(transport, {
      opened: connection => this.#bridge.opened(side, connection),
      received: (connection, bytes) => this.#bridge.received(side, connection, bytes),
      closed: (connection, why) => this.#bridge.closed(side, connection, why),
    });
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
    const own = this.#bridge.clientId(LOCAL);
    this.#unhook.push(
      this.#broker.on('dropped', ({ client, drop }) => {
        if (client === own && MISSED.includes(drop)) this.#missed++;
      }),
    );
    for (const end of ['superseded', 'closing']) this.#unhook.push(this.#broker.on(end, () => this.stop()));
  }

  get state() {
    return this.#bridge.state(REMOTE);
  }

  /** Messages that came in, went out, could not be carried, and had come round. */
  get counts() {
    const count = what => this.#bridge.count(what);
    return { in: count('in'), out: count('out'), dropped: count('dropped') + this.#missed, loops: count('loops') };
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
    return this.#listeners.on(event, listener);
  }

  #page() {
    const taken = new Taken();
    return Object.assign(taken, {
      open: (side, connection) => this.#wires[side].open(connection),
      send: (side, connection, bytes) => this.#wires[side].send(connection, bytes),
      close: (side, connection) => this.#wires[side].close(connection),
      status: (side, state, kind, reason, text) => {
        const properties = taken.take();
        const cause = kind ? new CourtierError(kind, reason, text, properties) : undefined;
        this.#listeners.emit('status', { side: SIDES[side], state, cause });
      },
      trouble: (side, kind, reason, text) =>
        this.#listeners.emit('error', { side: SIDES[side], error: new CourtierError(kind, reason, text, taken.take()) }),
    });
  }
}
