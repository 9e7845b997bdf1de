// SPDX-License-Identifier: Apache-2.0
// The page behind ChromiumDoor: brokers, whose clock it moves, and the clients' ends of ports to them. It knows when nothing
// is on its way any more, because it counts what ports, databases and ciphers have still to tell.
import { platform } from '/courtier/load.js';
import { CourtierBroker, load, Users } from '/courtier/courtier.js';

const STEP_MILLIS = 100;
const HOUSE = ['allow receive #', 'allow receive $#', 'deny all forbidden/#', 'allow all #', 'allow all $#'].join('\n');

const channels = new Set();
let pending = 0;
const ticks = new Map();
const brokers = new Map();
const wires = new Map();
let now = 1_000;

platform.now = () => now;
platform.epoch = () => 1_700_000_000_000 + now;

const hop = hopping();
globalThis.setInterval = tick => {
  const id = Symbol('interval');
  ticks.set(id, tick);
  return id;
};
globalThis.clearInterval = id => ticks.delete(id);
globalThis.MessageChannel = class extends MessageChannel {
  constructor() {
    super();
    const channel = { underWay: 0 };
    channels.add(channel);
    this.port1.channel = this.port2.channel = channel;
    for (const port of [this.port1, this.port2]) {
      const post = port.postMessage.bind(port);
      port.postMessage = (message, transfer) => {
        channel.underWay++;
        post(message, transfer);
      };
      port.addEventListener('message', () => channel.underWay--);
    }
  }
};
const transaction = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (...names) {
  const begun = transaction.apply(this, names);
  pending++;
  begun.addEventListener('complete', () => pending--);
  begun.addEventListener('abort', () => pending--);
  return begun;
};

for (const name of ['importKey', 'deriveBits']) {
  const does = SubtleCrypto.prototype[name];
  SubtleCrypto.prototype[name] = function (...operands) {
    pending++;
    return does.apply(this, operands).finally(() => pending--);
  };
}

/** A function that waits for a task of its own. */
function hopping() {
  const { port1, port2 } = new MessageChannel();
  const waiting = [];
  port1.onmessage = () => waiting.shift()();
  return () =>
    new Promise(resolve => {
      waiting.push(resolve);
      port2.postMessage(0);
    });
}

async function settle() {
  for (let quiet = 0; quiet < 3; ) {
    await hop();
    const busy = pending > 0 || [...channels].some(channel => channel.underWay > 0);
    quiet = busy ? 0 : quiet + 1;
  }
}

class Wire {
  arrived = [];
  closed = false;
  #port;
  #unread = [];
  #reading = true;

  constructor(port) {
    this.#port = port;
    port.addEventListener('message', ({ data }) => this.#came(data));
    port.start();
    // From here on the broker counts what we have not taken.
    port.postMessage(0);
  }

  #came(data) {
    if (this.closed) return;
    if (this.#reading) this.#take(data);
    else this.#unread.push(data);
  }

  #take(data) {
    if (data === null) {
      this.closed = true;
      this.forget();
      return;
    }
    this.arrived.push(data);
    this.#port.postMessage(data.length);
  }

  send(bytes) {
    if (!this.closed) this.#port.postMessage(bytes, [bytes.buffer]);
  }

  close() {
    if (!this.closed) this.#port.postMessage(null);
    this.closed = true;
  }

  reading(wanted) {
    this.#reading = wanted;
    while (wanted && this.#unread.length > 0) this.#take(this.#unread.shift());
  }

  /** What goes to who has closed never arrives. */
  forget() {
    channels.delete(this.#port.channel);
  }
}

const OPERATIONS = {
  open: (broker, wire) => wires.set(wire, new Wire(brokers.get(broker).createPort())),
  send: (broker, wire, bytes) => wires.get(wire).send(Uint8Array.from(atob(bytes), c => c.charCodeAt(0))),
  close: (broker, wire) => wires.get(wire).close(),
  reading: (broker, wire, wanted) => wires.get(wire).reading(wanted),
  async advance(broker, millis) {
    const end = now + millis;
    while (now < end) {
      now = Math.min(end, now + Math.max(STEP_MILLIS, millis / 1_000));
      for (const tick of [...ticks.values()]) tick();
      await settle();
    }
  },
};

globalThis.door = {
  brokers,

  /** Opens a broker; gives the runtime and the store that it got. */
  async begin(broker, { runtime, store, limits, users, history }) {
    await load({ runtime });
    const guard = users
      ? { users: await known(users) }
      : {
          access: HOUSE,
          authenticate: ({ userName }) => (userName === 'intruder' ? { reason: 0x86, why: 'an intruder' } : true),
          authenticationMethods: { RIDDLE: () => riddle },
        };
    const opened = await CourtierBroker.open({ name: broker, store, runtime, limits, history, ...guard });
    brokers.set(broker, opened);
    return `${opened.runtime} ${opened.store}`;
  },

  /** Does one after the other, each until nothing is on its way; gives what came, and which wires are closed. */
  async run(broker, operations) {
    for (const [name, ...rest] of operations) {
      await OPERATIONS[name](broker, ...rest);
      await settle();
    }
    const came = [];
    for (const [id, wire] of wires) {
      for (const bytes of wire.arrived) came.push([id, btoa(String.fromCharCode.apply(null, bytes))]);
      wire.arrived = [];
    }
    return { came, closed: [...wires].filter(([, wire]) => wire.closed).map(([id]) => id) };
  },

  /** Gives what is wrong with the rules, or ''. */
  async access(broker, text) {
    try {
      brokers.get(broker).setAccess(text);
      return '';
    } catch (error) {
      return error.message;
    } finally {
      await settle();
    }
  },

  async end(broker) {
    for (const wire of wires.values()) wire.forget();
    wires.clear();
    const closing = brokers.get(broker);
    brokers.delete(broker);
    await closing.close();
  },
};

/** @param users with a name, which is the password too, and roles */
async function known(users) {
  const all = new Users({ iterations: 1_000 });
  for (const [name, ...roles] of users) {
    await all.addUser(name, name);
    for (const role of roles) {
      all.addRole(role);
      all.assignRole(name, role);
    }
  }
  return all;
}

function riddle(data) {
  const said = new TextDecoder().decode(data ?? new Uint8Array());
  const text = new TextEncoder();
  if (said === '') return { next: text.encode('6x7') };
  return said === '42' ? { userName: 'riddler', data: text.encode('right') } : { reason: 0x87, why: 'wrong answer' };
}
