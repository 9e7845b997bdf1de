// SPDX-License-Identifier: Apache-2.0
// Tabs of one origin that share a broker: one of them is it. Who is, a Web Lock decides: it goes with its holder, however
// that ends, and the next in the queue has it at once. Who holds it raises the epoch in the broker's database, and so fences
// off whoever held it before and was only asleep.
import { CourtierBroker } from './broker.js';
import { inside } from './inside.js';
import { frame, LinkClient, LinkServer, VERSION } from './link.js';
import { Listeners } from './listeners.js';

const ANNOUNCE_MILLIS = 5_000;
const BEAT_MILLIS = 1_000;
const BEATS_MISSED = 3;
const LOOK_MILLIS = 500;
/** Without locks: how long to listen before leading. */
const LISTEN_MILLIS = 400;
const STRANGER_MILLIS = 3 * ANNOUNCE_MILLIS;
const MEMBERS_MAX = 1_000;

export class TabGroup {
  #channelName;
  #options;
  #tab;
  #clientId;
  #data = null;
  #control = null;
  #link = null;
  #server = null;
  #broker = null;
  #members = new Map();
  #listeners = new Listeners();
  #timers = [];
  #leaving = null;
  #abort = null;
  #stepDown = null;
  #lastBeat = 0;
  #started = 0;
  #ignored = 0;
  #stealing = false;
  #announcedAt = 0;

  /**
   * @param channel what tabs must agree on to be one group
   * @param options tabId, clientId (for the others to see), broker (options of CourtierBroker.open), candidate (false: never
   *     the broker)
   */
  constructor(channel, { tabId, clientId = '', broker = {}, candidate = true, locks = globalThis.navigator?.locks } = {}) {
    if (!/^[^\0]{1,128}$/u.test(channel)) throw new RangeError('a channel is named with 1 to 128 characters');
    this.#channelName = channel;
    this.#tab = tabId;
    this.#clientId = clientId;
    this.#options = { broker, candidate, locks };
  }

  get role() {
    return this.#broker ? 'broker' : 'client';
  }

  get epoch() {
    return this.#link?.epoch ?? 0;
  }

  /** The broker, where this tab is it. */
  get broker() {
    return this.#broker;
  }

  /** Whether locks decide; without them it takes longer, and two may lead for a moment. */
  get elects() {
    return this.#options.locks ? 'locks' : 'heartbeat';
  }

  /** Messages on the channel that were none of ours. */
  get ignored() {
    return this.#ignored;
  }

  members() {
    return [...this.#members.values()].map(({ tabId, clientId, isBroker, seen }) => ({ tabId, clientId, isBroker, seen }));
  }

  on(event, listener) {
    return this.#listeners.on(event, listener);
  }

  /** Takes part. Resolves when there is a broker, in this tab or in another. */
  async join() {
    if (this.#data) throw new Error('it takes part already');
    this.#started = Date.now();
    this.#data = new BroadcastChannel(this.#channelName);
    this.#control = new BroadcastChannel(`${this.#channelName}-control`);
    this.#link = new LinkClient(this.#data, this.#tab);
    this.#data.onmessage = ({ data }) => this.#heard(data);
    this.#control.onmessage = ({ data }) => this.#told(data);
    this.#leaving = new AbortController();
    this.#every(ANNOUNCE_MILLIS, () => this.#announce());
    this.#every(LOOK_MILLIS, () => this.#look());
    this.#say('HELLO');
    this.#announce();
    const there = new Promise(resolve => {
      const off = this.on('broker', () => {
        off();
        resolve();
      });
    });
    if (this.#options.locks) {
      this.#hold(`tab:${this.#tab}`);
      if (this.#options.candidate) this.#campaign();
    } else if (this.#options.candidate) {
      this.#campaignByBeats();
    }
    await there;
  }

  /** A way to the broker of the moment, for a client that connects again when it is another. */
  transport() {
    const remote = this.#link.transport();
    return {
      name: remote.name,
      open: events => (this.#broker ? inside(this.#broker, { listener: 'tabs', address: this.#tab }) : remote).open(events),
    };
  }

  async leave() {
    if (!this.#data) return;
    this.#say('GOODBYE');
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    this.#link.close();
    this.#leaving.abort();
    await this.#resign();
    this.#data.close();
    this.#control.close();
    this.#data = null;
    this.#members.clear();
  }

  #every(millis, task) {
    this.#timers.push(setInterval(task, millis));
  }

  // ---- who leads

  #lock(name) {
    return `courtier:${this.#channelName}:${name}`;
  }

  #hold(name) {
    this.#options.locks
      .request(this.#lock(name), { signal: this.#leaving.signal }, () => new Promise(resolve => {
        this.#leaving.signal.addEventListener('abort', resolve);
      }))
      .catch(() => {});
  }

  /** Waits for its turn to lead, again and again. */
  #campaign(steal = false) {
    this.#abort = new AbortController();
    const options = steal ? { steal: true } : { signal: AbortSignal.any([this.#abort.signal, this.#leaving.signal]) };
    this.#options.locks
      .request(this.#lock('broker'), options, () => this.#lead())
      .catch(() => {})
      .then(async () => {
        // It was resigned, or another stole it: a broker that is fenced off serves nobody.
        await this.#resign();
        this.#stealing = false;
        if (this.#data && !this.#leaving.signal.aborted) this.#campaign();
      });
  }

  async #campaignByBeats() {
    await pause(2 * LISTEN_MILLIS);
    const look = async () => {
      if (!this.#data || this.#broker) return;
      const quiet = performance.now() - this.#lastBeat > BEATS_MISSED * BEAT_MILLIS;
      const first = [...this.#members.values()].every(other => !other.ours || [other.started, other.tabId] > [this.#started, this.#tab]);
      if ((quiet || this.#lastBeat === 0) && first) await this.#lead();
    };
    await look();
    this.#every(BEAT_MILLIS / 2, look);
  }

  /** Leads until it resigns. */
  async #lead() {
    if (!this.#data || this.#broker) return;
    let broker;
    try {
      broker = await CourtierBroker.open({ name: this.#channelName, ...this.#options.broker });
    } catch (error) {
      this.#listeners.emit('error', error);
      await pause(BEAT_MILLIS);
      return;
    }
    if (!this.#data || this.#leaving.signal.aborted) {
      await broker.close();
      return;
    }
    const epoch = Math.max(broker.epoch, this.#link.epoch + 1);
    this.#broker = broker;
    this.#server = new LinkServer(broker, this.#data, epoch);
    const resigned = new Promise(resolve => (this.#stepDown = resolve));
    broker.on('superseded', () => this.#stepDown?.());
    // Links of this tab to the broker before it end; the next go the short way.
    this.#link.broker(epoch);
    const beat = setInterval(() => this.#server?.beat(), BEAT_MILLIS);
    this.#server.beat();
    this.#announce();
    this.#listeners.emit('role', 'broker');
    this.#listeners.emit('broker', { epoch, here: true });
    await resigned;
    clearInterval(beat);
  }

  /** Gives up what it has, if it is the broker. */
  async #resign() {
    const broker = this.#broker;
    if (!broker) return;
    this.#broker = null;
    this.#server = null;
    // Before the lock is free: whoever has it next may say that it leads while this one is still being closed.
    this.#listeners.emit('role', 'client');
    this.#stepDown?.();
    this.#stepDown = null;
    await broker.close();
    if (this.#data) this.#announce();
  }

  /** Another leads with a later epoch: this one was asleep. */
  #fence(epoch) {
    if (this.#broker && epoch > this.#link.epoch) {
      this.#stepDown?.();
      if (!this.#options.locks) this.#resign();
    }
  }

  // ---- who is there

  #say(type, more = {}) {
    this.#control.postMessage({ type, tabId: this.#tab, ...more });
  }

  #announce() {
    this.#announcedAt = Date.now();
    this.#say('ANNOUNCE', {
      isBroker: this.#broker !== null,
      timestamp: this.#announcedAt,
      epoch: this.#link.epoch,
      clientId: this.#clientId,
      started: this.#started,
      v: VERSION,
    });
  }

  #told(data) {
    const { type, tabId } = data ?? {};
    if (typeof type !== 'string' || typeof tabId !== 'string' || tabId.length > 100 || tabId === this.#tab) {
      this.#ignored++;
      return;
    }
    if (type === 'GOODBYE') {
      this.#gone(tabId);
    } else if (type === 'HELLO') {
      this.#announce();
      this.#server?.beat();
    } else if (type === 'ANNOUNCE') {
      const known = this.#members.get(tabId);
      if (!known && this.#members.size >= MEMBERS_MAX) return;
      const now = performance.now();
      const member = {
        tabId,
        clientId: String(data.clientId ?? '').slice(0, 100),
        isBroker: data.isBroker === true,
        ours: data.v === VERSION,
        version: data.v,
        started: Number(data.started) || 0,
        seen: Date.now(),
        heard: now,
        since: known?.since ?? now,
      };
      this.#members.set(tabId, member);
      if (typeof data.v === 'number' && data.v > VERSION) this.#listeners.emit('outdated', { version: data.v });
      if (!known || known.isBroker !== member.isBroker || known.clientId !== member.clientId) this.#listeners.emit('members', this.members());
    } else {
      this.#ignored++;
    }
  }

  #gone(tabId) {
    this.#server?.tabGone(tabId);
    if (this.#members.delete(tabId)) this.#listeners.emit('members', this.members());
  }

  /** Who ended without a word: its lock is free. Who has none and says nothing is forgotten later. */
  async #look() {
    if (!this.#data) return;
    const quiet = this.#lastBeat > 0 && performance.now() - this.#lastBeat > BEATS_MISSED * BEAT_MILLIS;
    if (quiet && !this.#broker && this.#options.locks && this.#options.candidate && !this.#stealing) {
      this.#stealing = true;
      this.#lastBeat = performance.now();
      this.#link.silent();
      this.#abort?.abort();
      this.#campaign(true);
    }
    const now = performance.now();
    const held = this.#options.locks ? await this.#options.locks.query() : null;
    if (!this.#data) return;
    const there = held && new Set(held.held.map(lock => lock.name));
    const tabs = new Set([...this.#members.keys(), ...(this.#server?.tabs() ?? [])]);
    for (const tabId of tabs) {
      const member = this.#members.get(tabId);
      const silent = !member || now - member.heard > STRANGER_MILLIS;
      // A lock is asked for just after HELLO: who came this moment may have none yet.
      const young = member && now - member.since < LOOK_MILLIS;
      const dead = there && member?.ours !== false ? !there.has(this.#lock(`tab:${tabId}`)) && !young : silent;
      if (dead && tabId !== this.#tab) this.#gone(tabId);
    }
  }

  #heard(data) {
    const ours = frame(data);
    if (!ours) {
      this.#ignored++;
      return;
    }
    if (ours.from === 'broker') {
      if (ours.epoch >= this.#link.epoch) {
        this.#fence(ours.epoch);
        this.#lastBeat = performance.now();
        this.#stealing = false;
      }
      const before = this.#link.epoch;
      this.#link.received(ours);
      if (this.#link.epoch > before || before === 0) this.#listeners.emit('broker', { epoch: this.#link.epoch, here: false });
    } else {
      this.#server?.received(ours);
    }
  }
}

function pause(millis) {
  return new Promise(resolve => setTimeout(resolve, millis));
}
