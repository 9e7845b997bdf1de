// SPDX-License-Identifier: Apache-2.0
// Tabs of one origin that share a broker: one of them is it. Who is, an election decides. Who leads raises the epoch in the
// broker's database, and so fences off whoever led before and was only asleep.
import { CourtierBroker } from './broker.js';
import { aborted, BEAT_MILLIS, Election, pause } from './election.js';
import { inside } from './inside.js';
import { frame, LinkClient, LinkServer, sayOpening, VERSION } from './link.js';
import { Listeners } from './listeners.js';
import { load } from './load.js';

const ANNOUNCE_MILLIS = 5_000;
const LOOK_MILLIS = 500;
const STRANGER_MILLIS = 3 * ANNOUNCE_MILLIS;
const MEMBERS_MAX = 1_000;
/** So many brokers may have come and gone while a tab slept; a jump beyond is what another script made up. */
const EPOCHS_AHEAD_MAX = 1_000;

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
  #election;
  /** The last beat that was not believed: its epoch, and when it came. */
  #passedOver = { epoch: 0, at: -Infinity };
  #started = 0;
  #ignored = 0;

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
    this.#election = new Election({ locks, name: this.#lock('broker'), lead: signal => this.#lead(signal) });
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
    if (this.#options.locks) this.#hold(`tab:${this.#tab}`);
    this.#passedOver.at = -Infinity;
    if (this.#options.candidate) this.#election.start();
    else this.#election.heard();
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
    if (!this.#data || this.#leaving.signal.aborted) return;
    this.#say('GOODBYE');
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    this.#link.close();
    this.#leaving.abort();
    await this.#election.stop();
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

  /** Leads until it is told to stop; then nothing is left of its broker. Ends by itself where that cannot be opened. */
  async #lead(signal) {
    const beat = setInterval(() => this.#beat(), BEAT_MILLIS);
    signal.addEventListener('abort', () => clearInterval(beat));
    try {
      this.#beat();
      // Apart from opening, which ends whoever else has the database: this takes long the first time, and touches nothing.
      await Promise.race([load(this.#options.broker), aborted(signal)]);
      if (signal.aborted) return;
      const broker = await CourtierBroker.open({ name: this.#channelName, ...this.#options.broker });
      if (signal.aborted) await broker.close();
      else await this.#serve(broker, signal);
    } catch (error) {
      this.#listeners.emit('error', error);
      await pause(BEAT_MILLIS, signal);
    } finally {
      clearInterval(beat);
    }
  }

  async #serve(broker, signal) {
    const epoch = Math.max(broker.epoch, this.#link.epoch + 1);
    this.#broker = broker;
    this.#server = new LinkServer(broker, this.#data, epoch);
    broker.on('superseded', () => this.#election.resign());
    // Links of this tab to the broker before it end; the next go the short way.
    this.#link.here(epoch);
    this.#beat();
    this.#announce();
    this.#listeners.emit('role', 'broker');
    this.#listeners.emit('broker', { epoch, here: true });
    await aborted(signal);
    this.#broker = null;
    this.#server = null;
    // Before the lock is free, and before closing, which may take long: another may say that it leads.
    this.#listeners.emit('role', 'client');
    await broker.close();
    if (!this.#leaving.signal.aborted) this.#announce();
  }

  #beat() {
    if (this.#server) this.#server.beat(this.#tab);
    else sayOpening(this.#data, this.#link.epoch, this.#tab);
  }

  /** How many others would lead before this tab, if nobody led. */
  #before() {
    let before = 0;
    for (const { ours, candidate, isBroker, started, tabId } of this.#members.values()) {
      // Who led is who says nothing now: nobody waits for it.
      if (!ours || !candidate || isBroker) continue;
      if (started < this.#started || (started === this.#started && tabId < this.#tab)) before++;
    }
    return before;
  }

  /** Something was said by a broker, or by who is about to be it. */
  #heardBroker(said) {
    if (said.type === 'OPENING') {
      this.#election.heard({ opening: true });
      return;
    }
    const known = this.#link.epoch;
    const far = known > 0 && said.epoch > known + EPOCHS_AHEAD_MAX;
    if (far) this.#ignored++;
    if (far || said.epoch < known) {
      if (said.type === 'BEAT') this.#passedOver = { epoch: said.epoch, at: performance.now() };
      return;
    }
    // Two that lead in one epoch have no database in common: one of them stays.
    const yields = this.#server && said.type === 'BEAT' && typeof said.data === 'string' && said.data < this.#tab;
    // A later epoch: another leads since this tab fell asleep.
    if (said.epoch > known || yields) this.#election.resign();
    this.#election.heard();
    this.#link.received(said);
    if (this.#link.epoch > known) this.#listeners.emit('broker', { epoch: this.#link.epoch, here: false });
  }

  /** Sees to it that somebody leads. Where nothing is heard of the broker that is known, one that was passed over is believed. */
  #lookForBroker() {
    const { epoch, at } = this.#passedOver;
    if (this.#election.isSilent && performance.now() - at < 2 * BEAT_MILLIS) {
      this.#election.heard();
      this.#link.broker(epoch);
      this.#listeners.emit('broker', { epoch, here: false });
    }
    if (this.#options.candidate) this.#election.look(this.#before());
  }

  // ---- who is there

  #say(type, more = {}) {
    this.#control.postMessage({ type, tabId: this.#tab, ...more });
  }

  #announce() {
    this.#say('ANNOUNCE', {
      isBroker: this.#broker !== null,
      timestamp: Date.now(),
      epoch: this.#link.epoch,
      clientId: this.#clientId,
      started: this.#started,
      candidate: this.#options.candidate,
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
      if (this.#election.isOn) this.#beat();
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
        candidate: data.candidate !== false,
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
    this.#lookForBroker();
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
    if (ours.from === 'broker') this.#heardBroker(ours);
    else this.#server?.received(ours);
  }
}
