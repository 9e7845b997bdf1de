// SPDX-License-Identifier: Apache-2.0
/**
 * Channels that all tabs of an origin share: what one publishes the others receive, and the last value of each is kept. A
 * worker has them all, and the broker that keeps them; a tab has one port to it, on which JSON texts go back and forth.
 */

import { openWorker } from './opening.js';

const ANSWER_MILLIS = 5_000;
const RESTART_MILLIS_MAX = 5_000;
const NAME_CHARACTERS_MAX = 100;

export class SharedWorkerClient {
  #url;
  #options;
  #clientId = newIdentifier();
  #state = 'connecting';
  #mode = 'none';
  #error = null;
  #link = null;
  #openedAt = Infinity;
  #restarts = 0;
  #requests = 0;
  /** By request id, in the order they were made: what has no answer yet. */
  #pending = new Map();
  #resumed = null;
  /** By channel: a count for each callback, and the last value, once there was one. */
  #channels = new Map();
  #listeners = new Map();
  #stopLiving = () => {};
  #watch = null;
  // A page that is kept in the cache for the way back must hold nothing, or it is not kept, and others wait for it.
  #onHide = () => this.#leave();
  #onShow = (event) => {
    if (event.persisted && !this.#link && this.#state !== 'failed') this.#connect();
  };

  constructor(url = './worker.js', options = {}) {
    this.#url = new URL(url, document.baseURI);
    if (options.name?.length > NAME_CHARACTERS_MAX) throw new RangeError(`a name has at most ${NAME_CHARACTERS_MAX} characters`);
    this.#options = { ...options, name: options.name ?? 'channels', persist: options.persist ?? true };
    addEventListener('pagehide', this.#onHide);
    addEventListener('pageshow', this.#onShow);
    this.#connect();
  }

  /** Where the channels are: 'sharedworker', or 'broadcastchannel' where there are no shared workers, or 'none' (yet). */
  get mode() {
    return this.#mode;
  }

  /** 'connecting', 'open', 'failed' or 'closed'. */
  get state() {
    return this.#state;
  }

  /** Why it failed. */
  get error() {
    return this.#error;
  }

  get clientId() {
    return this.#clientId;
  }

  /** Calls back with the channel's value, if it has one, and with whatever is published to it. Returns what ends that. */
  subscribe(channel, callback) {
    checkChannel(channel);
    if (typeof callback !== 'function') throw new TypeError('callback is not a function');
    this.#checkOpen();
    let entry = this.#channels.get(channel);
    if (!entry) {
      entry = { callbacks: new Map(), value: undefined, text: undefined };
      this.#channels.set(channel, entry);
      this.#ask('subscribe', channel).catch((error) => this.#tell('error', error));
    } else if (entry.value !== undefined && !entry.callbacks.has(callback)) {
      queueMicrotask(() => entry.callbacks.has(callback) && call(callback, entry.value));
    }
    entry.callbacks.set(callback, (entry.callbacks.get(callback) ?? 0) + 1);
    let subscribed = true;
    return () => {
      if (!subscribed) return;
      subscribed = false;
      this.#drop(channel, entry, callback);
    };
  }

  /**
   * Gives the channel a value, which all subscribers receive. The promise is fulfilled when the value is stored; nobody needs
   * to look at it, since what fails is told as 'error', too. Throws a TypeError for what is no JSON.
   */
  publish(channel, data, { ttl = this.#options.ttl } = {}) {
    checkChannel(channel);
    this.#checkOpen();
    const json = JSON.stringify(data);
    if (json === undefined) throw new TypeError(`not JSON: ${typeof data}`);
    const published = this.#ask('publish', channel, json, ttl === undefined ? '' : `,"ttl":${Number(ttl)}`);
    published.catch((error) => this.#tell('error', error));
    return published;
  }

  /** The channel's value. Rejects: channel not found; Request timeout, after five seconds. */
  async get(channel) {
    checkChannel(channel);
    this.#checkOpen();
    return this.#ask('get', channel);
  }

  /** For the curious: how many subscribe to each channel, and the bytes of its value. */
  async inspect() {
    this.#checkOpen();
    return this.#ask('inspect', '');
  }

  unsubscribe(channel) {
    const entry = this.#channels.get(channel);
    if (!entry) return;
    entry.callbacks.clear();
    this.#channels.delete(channel);
    this.#ask('unsubscribe', channel).catch((error) => this.#tell('error', error));
  }

  /**
   * One end of an MQTT connection to the broker in the worker, for which channels are topics. It ends when the worker does:
   * then a new one is needed.
   */
  createPort() {
    this.#checkOpen();
    const { port1, port2 } = new MessageChannel();
    this.#link?.port.postMessage({ type: 'mqtt' }, [port2]);
    return port1;
  }

  disconnect() {
    if (this.#state === 'closed') return;
    removeEventListener('pagehide', this.#onHide);
    removeEventListener('pageshow', this.#onShow);
    this.#channels.clear();
    this.#leave();
    this.#become('closed');
    this.#rejectAll(new Error('disconnected'));
  }

  /** Events: 'state', 'error' (an Error). Returns what ends it. */
  on(event, listener) {
    if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
    this.#listeners.get(event).add(listener);
    return () => this.#listeners.get(event).delete(listener);
  }

  #connect() {
    try {
      this.#link = openWorker(this.#url, this.#options, {
        message: (text) => this.#receive(text),
        gone: () => this.#restart(),
        failed: (error) => this.#fail(error),
      });
    } catch (error) {
      // Not from within the constructor, which returns at once, whatever happens.
      queueMicrotask(() => this.#fail(error));
      return;
    }
    this.#mode = this.#link.mode;
    const { name, persist, maxBytes, bridge } = this.#options;
    this.#post(`{"type":"open","clientId":"${this.#clientId}","options":${JSON.stringify({ name, persist, maxBytes, bridge })}}`);
    this.#resume();
    this.#live();
  }

  /** Says all that another worker in the place of the last must know. */
  #resume() {
    const unanswered = [...this.#pending.values()];
    for (const channel of this.#channels.keys()) {
      if (!this.#isAsked('subscribe', channel)) this.#subscribeAgain(channel);
    }
    for (const { text } of unanswered) this.#post(text);
  }

  #subscribeAgain(channel) {
    this.#ask('subscribe', channel).catch((error) => this.#tell('error', error));
    this.#pending.get(this.#requests).again = true;
  }

  #isAsked(type, channel) {
    for (const one of this.#pending.values()) if (one.type === type && one.channel === channel) return true;
    return false;
  }

  /** As long as a lock is held the worker knows that this page is there: nothing else tells it of a crash. */
  #live() {
    if (!navigator.locks) return;
    const name = `courtier.client.${this.#clientId}.${newIdentifier()}`;
    const link = this.#link;
    navigator.locks
      .request(name, () => {
        if (this.#link !== link) return undefined;
        this.#post(`{"type":"lock","lock":"${name}"}`);
        return new Promise((release) => (this.#stopLiving = release));
      })
      .catch(() => {});
  }

  #watchWorker(lock) {
    this.#watch?.abort();
    if (!lock || !navigator.locks) return;
    const watch = new AbortController();
    this.#watch = watch;
    navigator.locks.request(lock, { signal: watch.signal, mode: 'shared' }, () => !watch.signal.aborted && this.#restart()).catch(() => {});
  }

  /** The worker is gone: another one, and all again. The first time at once. */
  #restart() {
    if (this.#state === 'closed' || this.#state === 'failed' || !this.#link) return;
    this.#leave();
    this.#become('connecting');
    if (performance.now() - this.#openedAt > RESTART_MILLIS_MAX) this.#restarts = 0;
    const millis = Math.min(RESTART_MILLIS_MAX, this.#restarts === 0 ? 0 : 50 * 2 ** this.#restarts);
    this.#restarts++;
    setTimeout(() => this.#state === 'connecting' && !this.#link && this.#connect(), millis);
  }

  /** Without a word where the worker is gone. */
  #leave() {
    this.#watch?.abort();
    this.#watch = null;
    this.#post('{"type":"close"}');
    this.#link?.close();
    this.#link = null;
    this.#stopLiving();
    this.#stopLiving = () => {};
  }

  #fail(error) {
    if (this.#state === 'closed' || this.#state === 'failed') return;
    this.#error = error;
    this.#leave();
    this.#become('failed');
    this.#rejectAll(error);
    this.#tell('error', error);
  }

  #ask(type, channel, json, more = '') {
    if (this.#state === 'failed') return Promise.reject(this.#error);
    const requestId = ++this.#requests;
    const data = json === undefined ? '' : `,"data":${json}`;
    const text = `{"type":"${type}","clientId":"${this.#clientId}","channel":${JSON.stringify(channel)}${data}${more},"requestId":${requestId}}`;
    return new Promise((resolve, reject) => {
      const late = () => this.#answer(requestId, (one) => one.reject(new Error('Request timeout')));
      // Subscriptions are made whenever the worker is ready; there is nobody to tell that it takes long.
      const timer = type.endsWith('subscribe') ? undefined : setTimeout(late, ANSWER_MILLIS);
      this.#pending.set(requestId, { type, channel, text, resolve, reject, timer });
      this.#post(text);
    });
  }

  #post(text) {
    this.#link?.port.postMessage(text);
  }

  #answer(requestId, how) {
    const one = this.#pending.get(requestId);
    if (!one) return;
    this.#pending.delete(requestId);
    clearTimeout(one.timer);
    how(one);
  }

  #rejectAll(error) {
    for (const requestId of [...this.#pending.keys()]) this.#answer(requestId, (one) => one.reject(error));
  }

  #receive(text) {
    const { type, channel, data, error, requestId, lock } = JSON.parse(text);
    const known = this.#resumed === channel ? this.#channels.get(channel)?.text : undefined;
    this.#resumed = type === 'subscribed' && this.#pending.get(requestId)?.again ? channel : null;
    if (type === 'opened') {
      this.#openedAt = performance.now();
      this.#watchWorker(lock);
      this.#become('open');
    } else if (type === 'data' && requestId === undefined) {
      // What comes right behind an answer to a second subscribe is the value: no news if it was the last before.
      if (text !== known) this.#deliver(channel, data, text);
    } else if (requestId !== undefined) {
      this.#answer(requestId, (one) => (type === 'error' ? one.reject(new Error(error)) : one.resolve(data)));
    } else if (type === 'error') {
      this.#tell('error', new Error(error));
    }
  }

  #deliver(channel, data, text) {
    const entry = this.#channels.get(channel);
    if (!entry) return;
    entry.value = data;
    entry.text = text;
    for (const callback of [...entry.callbacks.keys()]) if (entry.callbacks.has(callback)) call(callback, data);
  }

  #drop(channel, entry, callback) {
    const left = entry.callbacks.get(callback) - 1;
    if (left > 0) entry.callbacks.set(callback, left);
    else entry.callbacks.delete(callback);
    if (entry.callbacks.size === 0 && this.#channels.get(channel) === entry) this.unsubscribe(channel);
  }

  #checkOpen() {
    if (this.#state === 'closed') throw new Error('disconnected');
  }

  #become(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.#tell('state', state);
  }

  #tell(event, detail) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) call(listener, detail);
  }
}

/** One that throws does not stop the others; what it threw is told as if nobody had caught it. */
function call(callback, value) {
  try {
    callback(value);
  } catch (error) {
    reportError(error);
  }
}

function checkChannel(channel) {
  if (typeof channel !== 'string') throw new TypeError('channel is not a string');
}

function newIdentifier() {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
