// SPDX-License-Identifier: Apache-2.0
/**
 * The channels: who subscribes to which, and the value of each. They are topics of the broker in this worker: a value is a
 * retained message, and MQTT clients of the same broker see, and say, the same.
 */

import { Bus } from './bus.js';
import { channelOf, topicOf } from './topics.js';

const BYTES_MAX = 64 << 20;
/** Of the broker, while its storage takes nothing: full, or failing. */
const STORAGE_REASONS = [0x97, 0x83];

export class Channels {
  #options;
  #bus;
  /** What was said before all values were there; then null. */
  #early = [];
  #connections = new Set();
  #subscribers = new Map();
  /** By channel: its value as JSON, its bytes, and when it expires. */
  #values = new Map();
  #bytes = 0;
  /** By channel: the last publish that has no answer yet. */
  #underWay = new Map();
  /** While the broker, or another in its place, tells its values: the channels that it has one for. */
  #told = null;
  #inMemoryOnly = false;

  constructor({ name = 'channels', persist = true, maxBytes = BYTES_MAX, bridge = null }) {
    this.#options = { name, persist, maxBytes, bridge };
    this.#bus = new Bus(this.#options, {
      telling: () => {
        this.#told = new Set();
        this.#early ??= [];
      },
      message: (message) => this.#arrived(message),
      loaded: () => this.#loaded(),
      failed: (error) => this.#tellAll(error.message),
    });
  }

  /** A client that says what is in client.d.ts, and is answered by `send`. */
  connect(send) {
    const connection = { send, channels: new Set() };
    this.#connections.add(connection);
    return {
      receive: (text) => this.#soon(() => this.#receive(connection, text)),
      close: () => this.#leave(connection),
    };
  }

  /** A client that speaks MQTT at the other end of a port. */
  mqtt(port) {
    this.#soon(() => this.#bus.accept(port));
  }

  #soon(act) {
    if (this.#early) this.#early.push(act);
    else act();
  }

  #loaded() {
    for (const [channel, { json, until }] of this.#values) {
      if (this.#told.has(channel)) continue;
      // What was in the memory of another worker went with it, but for what is known here.
      if (this.#options.persist) this.#drop(channel);
      else this.#bus.publish(topicOf(channel), encode(json), { retain: true, expiry: secondsUntil(until) });
    }
    this.#told = null;
    const early = this.#early ?? [];
    this.#early = null;
    for (const act of early) act();
  }

  #leave(connection) {
    this.#connections.delete(connection);
    for (const channel of connection.channels) this.#forget(connection, channel);
  }

  #forget(connection, channel) {
    const all = this.#subscribers.get(channel);
    all?.delete(connection);
    if (all?.size === 0) this.#subscribers.delete(channel);
  }

  #receive(connection, text) {
    if (!this.#connections.has(connection)) return;
    let request;
    try {
      request = JSON.parse(text);
    } catch {
      request = null;
    }
    if (request === null || typeof request !== 'object') {
      connection.send('{"type":"error","error":"not JSON, or no object"}');
      return;
    }
    const { type, channel, requestId } = request;
    const id = Number.isSafeInteger(requestId) ? `,"requestId":${requestId}` : '';
    const answer = (kind, more = '') => connection.send(`{"type":"${kind}"${more}${id}}`);
    const refuse = (error) => answer('error', `,"error":${JSON.stringify(error)}`);
    try {
      if (type === 'inspect') answer('data', `,"data":${this.#inspect()}`);
      else if (!['subscribe', 'unsubscribe', 'publish', 'get'].includes(type)) refuse('unknown message type');
      else if (typeof channel !== 'string') refuse('channel is not a string');
      else this.#do(connection, request, topicOf(channel), answer, refuse);
    } catch (error) {
      refuse(error.message);
    }
  }

  #do(connection, { type, channel, data, ttl }, topic, answer, refuse) {
    const named = `,"channel":${JSON.stringify(channel)}`;
    if (type === 'publish') {
      const published = this.#publish(channel, topic, data, ttl);
      this.#hold(channel, published);
      published.then(() => answer('published', named), (error) => refuse(error.message));
      return;
    }
    if (type === 'get') {
      // Whoever has published gets that, or what came later.
      const get = () => {
        const value = this.#valueOf(channel);
        if (value) answer('data', `${named},"data":${value.json}`);
        else refuse('channel not found');
      };
      const underWay = this.#underWay.get(channel);
      const soon = () => this.#soon(get);
      if (underWay) underWay.then(soon, soon);
      else get();
      return;
    }
    const value = this.#valueOf(channel);
    if (type === 'subscribe') {
      connection.channels.add(channel);
      if (!this.#subscribers.has(channel)) this.#subscribers.set(channel, new Set());
      this.#subscribers.get(channel).add(connection);
      answer('subscribed', named);
      if (value) connection.send(dataText(channel, value.json));
    } else {
      connection.channels.delete(channel);
      this.#forget(connection, channel);
      answer('unsubscribed', named);
    }
  }

  #hold(channel, published) {
    this.#underWay.set(channel, published);
    const done = () => this.#underWay.get(channel) === published && this.#underWay.delete(channel);
    published.then(done, done);
  }

  async #publish(channel, topic, data, ttl) {
    const json = JSON.stringify(data);
    if (json === undefined) throw new TypeError('data is missing');
    const expiry = ttl === undefined ? undefined : Math.ceil(ttl);
    if (expiry !== undefined && !(expiry >= 1 && expiry <= 0xffff_fffe)) throw new RangeError('ttl is not a number of seconds');
    const payload = encode(json);
    const isTooMuch = () => this.#bytes - (this.#values.get(channel)?.bytes ?? 0) + payload.length > this.#options.maxBytes;
    // Those that nobody asks for expire unseen.
    if (isTooMuch()) for (const each of [...this.#values.keys()]) this.#valueOf(each);
    if (isTooMuch()) {
      throw new RangeError(`quota exceeded: the values of all channels have ${this.#options.maxBytes} bytes`);
    }
    const reason = await this.#bus.publish(topic, payload, { retain: true, expiry });
    if (reason < 0x80) {
      this.#inMemoryOnly = false;
      return;
    }
    if (!STORAGE_REASONS.includes(reason)) throw new Error(`refused: 0x${reason.toString(16)}`);
    // The storage is full, and this worker goes on without: whoever listens now, or asks here later, has it as well.
    if (!this.#inMemoryOnly) this.#tellAll('the storage is full, or failing: values are kept in memory only');
    this.#inMemoryOnly = true;
    this.#keep(channel, json, payload.length, expiry);
    await this.#bus.publish(topic, payload, { retain: false, expiry });
  }

  #arrived({ topic, payload, retain, properties: { messageExpiryInterval: expiry } }) {
    const channel = channelOf(topic);
    if (channel === undefined) return;
    if (payload.length === 0) {
      // A retained message is deleted by one without payload; as a value it means nothing.
      if (retain) this.#drop(channel);
      return;
    }
    const json = jsonOf(payload);
    if (json === undefined) return;
    const known = this.#values.get(channel)?.json;
    if (retain) this.#keep(channel, json, payload.length, expiry);
    this.#told?.add(channel);
    // A broker that took the place of another tells all it has: that is no news.
    if (this.#told && json === known) return;
    const subscribers = this.#subscribers.get(channel);
    if (!subscribers) return;
    const text = dataText(channel, json);
    for (const { send } of subscribers) send(text);
  }

  #keep(channel, json, bytes, expiry) {
    this.#drop(channel);
    this.#values.set(channel, { json, bytes, until: expiry === undefined ? Infinity : Date.now() + 1_000 * expiry });
    this.#bytes += bytes;
  }

  #drop(channel) {
    this.#bytes -= this.#values.get(channel)?.bytes ?? 0;
    this.#values.delete(channel);
  }

  #valueOf(channel) {
    const value = this.#values.get(channel);
    if (value && value.until <= Date.now()) {
      this.#drop(channel);
      return undefined;
    }
    return value;
  }

  #inspect() {
    const channels = [...new Set([...this.#values.keys(), ...this.#subscribers.keys()])].sort().map((channel) => ({
      channel,
      subscribers: this.#subscribers.get(channel)?.size ?? 0,
      bytes: this.#valueOf(channel)?.bytes ?? null,
    }));
    return JSON.stringify({ clients: this.#connections.size, bytes: this.#bytes, ...this.#bus.about, channels });
  }

  #tellAll(error) {
    for (const { send } of this.#connections) send(`{"type":"error","error":${JSON.stringify(error)}}`);
  }
}

/** Undefined where it never comes. */
function secondsUntil(epochMillis) {
  return epochMillis === Infinity ? undefined : Math.max(1, Math.ceil((epochMillis - Date.now()) / 1_000));
}

function encode(text) {
  return new TextEncoder().encode(text);
}

function dataText(channel, json) {
  return `{"type":"data","channel":${JSON.stringify(channel)},"data":${json}}`;
}

/** A payload that is no JSON is a text; one that is no text has no value here. */
function jsonOf(payload) {
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload);
  } catch {
    return undefined;
  }
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}
