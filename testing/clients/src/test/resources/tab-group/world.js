// SPDX-License-Identifier: Apache-2.0
// Tabs that share locks, channels and a database, in a time that moves when the test says so. A tab can be frozen: what
// is to happen in it waits, as in a real one, whose locks stay its own.

const STEP_MILLIS = 10;
/** What a lock takes to come from another process. */
const GRANT_MILLIS = 2;

class Locks {
  #held = new Map();
  #queues = new Map();

  /** As a tab sees them. */
  of(tab) {
    return {
      request: (name, options, task) => this.#request(tab, name, options, task),
      query: async () => ({ held: [...this.#held.keys()].map(name => ({ name })) }),
    };
  }

  #request(tab, name, { steal = false, signal }, task) {
    return new Promise((resolve, reject) => {
      const request = { tab, name, task, resolve, reject, over: false };
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      signal?.addEventListener('abort', () => {
        if (!this.#drop(request)) return;
        reject(signal.reason);
      });
      if (steal) {
        const holder = this.#held.get(name);
        if (holder) holder.tab.later(GRANT_MILLIS, () => holder.reject(new DOMException('stolen', 'AbortError')));
        this.#grant(request);
      } else if (this.#held.has(name)) this.#queue(name).push(request);
      else this.#grant(request);
    });
  }

  #queue(name) {
    if (!this.#queues.has(name)) this.#queues.set(name, []);
    return this.#queues.get(name);
  }

  #drop(request) {
    const queue = this.#queue(request.name);
    const at = queue.indexOf(request);
    if (at >= 0) queue.splice(at, 1);
    return at >= 0;
  }

  #grant(request) {
    this.#held.set(request.name, request);
    request.tab.later(GRANT_MILLIS, async () => {
      try {
        request.resolve(await request.task({ name: request.name }));
      } catch (error) {
        request.reject(error);
      }
      this.#free(request);
    });
  }

  #free(request) {
    if (this.#held.get(request.name) !== request) return;
    this.#held.delete(request.name);
    const next = this.#queue(request.name).shift();
    if (next) this.#grant(next);
  }

  /** A tab is gone, with what it holds and waits for. */
  gone(tab) {
    for (const queue of this.#queues.values()) queue.splice(0, queue.length, ...queue.filter(request => request.tab !== tab));
    for (const request of [...this.#held.values()]) if (request.tab === tab) this.#free(request);
  }

  waiting(tab) {
    return [...this.#queues.values()].flat().filter(request => request.tab === tab).length;
  }
}

class Tab {
  channels = new Set();
  brokers = new Set();
  frozen = false;
  damaged = false;
  group = null;
  joined = false;
  roles = [];
  #timers = new Map();
  #last = 0;

  constructor(world, id) {
    this.world = world;
    this.id = id;
  }

  timer(task, millis, again) {
    this.#timers.set(++this.#last, { task, due: this.world.now + millis, every: again ? Math.max(1, millis) : 0 });
    return this.#last;
  }

  clear(number) {
    this.#timers.delete(number);
  }

  later(millis, task) {
    this.timer(task, millis, false);
  }

  intervals() {
    return [...this.#timers.values()].filter(({ every }) => every > 0).length;
  }

  wait(millis) {
    return new Promise(done => this.timer(done, millis, false));
  }

  load() {
    return this.wait(this.world.loadMillis);
  }

  opens() {
    return this.wait(this.world.openMillis);
  }

  /** What is due; of what was missed of an interval, once. Those that waited longest first, so timers before messages. */
  async run() {
    for (const [number, timer] of [...this.#timers].sort(([, one], [, other]) => one.due - other.due)) {
      if (timer.due > this.world.now || !this.#timers.has(number)) continue;
      if (timer.every > 0) timer.due = this.world.now + timer.every;
      else this.#timers.delete(number);
      timer.task();
      await settled();
    }
  }

  facts() {
    return {
      id: this.id,
      role: this.group.role,
      epoch: this.group.epoch,
      joined: this.joined,
      serves: this.group.broker !== null && !this.group.broker.closed,
      brokers: this.brokers.size,
      intervals: this.intervals(),
      waiting: this.world.locks.waiting(this),
      ignored: this.group.ignored,
    };
  }
}

class World {
  now = 100_000;
  epoch = 0;
  loadMillis = 50;
  openMillis = 150;
  inMemory = false;
  /** No tab hears another. */
  apart = false;
  locks = new Locks();
  tabs = new Map();

  /** Loads a tab, which joins if it is not told otherwise. */
  async tab(id, { locks = true, join = true, ...options } = {}) {
    const tab = new Tab(this, id);
    const frame = document.createElement('iframe');
    tab.frame = frame;
    frame.tab = tab;
    const TabGroup = await new Promise(loaded => {
      tab.loaded = loaded;
      frame.src = 'tab.html';
      document.body.append(frame);
    });
    tab.group = new TabGroup('plant', { tabId: id, locks: locks ? this.locks.of(tab) : null, ...options });
    tab.group.on('role', role => tab.roles.push(role));
    this.tabs.set(id, tab);
    if (join) this.join(id);
    return tab;
  }

  join(id) {
    const tab = this.tabs.get(id);
    tab.joined = false;
    tab.group.join().then(() => (tab.joined = true));
  }

  /** It ends without a word. */
  crash(id) {
    const tab = this.tabs.get(id);
    this.tabs.delete(id);
    tab.channels.clear();
    tab.frame.remove();
    tab.timer = () => 0;
    this.locks.gone(tab);
  }

  post(from, data) {
    if (this.apart) return;
    for (const tab of this.tabs.values()) {
      for (const channel of tab.channels) {
        if (channel === from || channel.name !== from.name) continue;
        tab.later(1, () => tab.channels.has(channel) && channel.onmessage?.({ data }));
      }
    }
  }

  /** What another script of this origin says. */
  say(data, name = 'plant') {
    this.post({ name }, data);
  }

  async advance(millis) {
    for (const until = this.now + millis; this.now < until; ) {
      this.now += STEP_MILLIS;
      for (const tab of [...this.tabs.values()]) if (!tab.frozen) await tab.run();
    }
  }

  get(id) {
    return this.tabs.get(id);
  }

  freeze(id) {
    this.tabs.get(id).frozen = true;
  }

  thaw(id) {
    this.tabs.get(id).frozen = false;
  }

  /** Tabs of which the first leads. */
  async led(ids, options = {}) {
    for (const id of ids) {
      await this.tab(id, options);
      await this.until(() => this.get(id).joined);
    }
    // Whatever moment of a second it is: tabs look and beat each at their own.
    await this.advance(3_000);
    if (this.leaders().join() !== ids[0]) throw new Error(JSON.stringify(this.facts()));
  }

  /** Until it holds; gives how long it took. */
  async until(holds, millis = 60_000) {
    const begun = this.now;
    while (!holds()) {
      if (this.now - begun > millis) throw new Error(`not within ${millis} ms: ${JSON.stringify(this.facts())}`);
      await this.advance(STEP_MILLIS);
    }
    return this.now - begun;
  }

  leaders() {
    return [...this.tabs.values()].filter(({ group }) => group.role === 'broker').map(({ id }) => id);
  }

  /** Nothing of those that led before is left: one broker, one request for the lock of each other tab, and its timers. */
  tidy() {
    return this.facts().every(({ role, serves, brokers, intervals, waiting }) =>
      role === 'broker' ? serves && brokers === 1 && intervals === 3 && waiting === 0 : brokers === 0 && intervals === 2 && waiting <= 1,
    );
  }

  facts() {
    return [...this.tabs.values()].map(tab => tab.facts());
  }
}

/** All that was begun in this task and waits for nothing has been done. */
const { port1, port2 } = new MessageChannel();
const waiting = [];
port1.onmessage = () => waiting.shift()();
function settled() {
  return new Promise(done => {
    waiting.push(done);
    port2.postMessage(0);
  });
}

globalThis.World = World;
