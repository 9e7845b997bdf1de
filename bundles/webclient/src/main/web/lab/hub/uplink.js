// SPDX-License-Identifier: Apache-2.0
/**
 * The one connection to the server: what tabs publish goes up, and what any of them subscribes to comes down, once. Neither
 * way gives back what came by it: both subscribe with No Local. [MQTT-3.8.3-3]
 */

import { CourtierClient, messagePort, webSocket } from '../../courtier/courtier.js';
import { Filters, includes, matches } from './filters.js';

/** For so long after a subscription the server may tell retained messages that are known here already. */
const RETAINED_MILLIS = 2_000;
/** What waits for the server, at the most; and what one message may weigh besides its payload. */
const QUEUE_BYTES = 16 << 20;
const WEIGHT = 64 << 10;
const RECONNECT = { initialDelay: 500, maxDelay: 30_000, first: true };

export class Uplink {
  #local;
  #upstream;
  #filters = new Filters();
  /** By topic: the payload of what the broker here retains because the server does. */
  #retained = new Map();
  #recent = new Map();
  /** What the server has granted. */
  #granted = new Set();
  #counts = { up: 0, down: 0, known: 0 };
  /** Resolves when the message before has been handed to the client of the server, whose turn it then is. */
  #handed = Promise.resolve();
  /** Called when one more that was under way is done. */
  #room = () => {};
  #error = null;
  /** Changes go up one after the other. */
  #changes = Promise.resolve();

  constructor(broker, url, { clientId = `hub-${words(2)}`, username = null, password = null, keepAlive = 30 }) {
    const own = `uplink-${words(4)}`;
    this.#local = new CourtierClient({ transport: messagePort(() => broker.createPort({ listener: 'uplink' })), clientId: own, keepAlive: 0 });
    this.#upstream = new CourtierClient({
      transport: webSocket(url),
      clientId,
      userName: username,
      password,
      keepAlive,
      // What was published while the network was away, and what waits there, outlives a short absence.
      cleanStart: false,
      sessionExpiryInterval: 300,
      reconnect: RECONNECT,
      queue: { qos0: false, bytes: QUEUE_BYTES },
    });
    this.#upstream.on('error', (error) => (this.#error = error.message));
    this.#upstream.on('disconnected', ({ cause }) => (this.#error = cause.message));
    this.#upstream.on('connected', () => {
      this.#error = null;
      // Where the server forgot the session, the client subscribes again.
      for (const filter of this.#filters.wanted()) this.#recent.set(filter, performance.now());
    });
    this.#upstream.on('message', (message) => this.#down(message));
    broker.on('subscribed', ({ client, filter }) => client !== own && this.#change(() => this.#filters.add(unshared(filter))));
    broker.on('unsubscribed', ({ client, filter }) => client !== own && this.#change(() => this.#filters.remove(unshared(filter))));
    this.#start().catch((error) => (this.#error = error.message));
  }

  get about() {
    return {
      upstream: this.#upstream.state,
      clientId: this.#upstream.clientId,
      error: this.#error,
      filters: [...this.#granted],
      subscribed: this.#filters.all().filter((filter) => [...this.#granted].some((other) => includes(other, filter))),
      ...this.#counts,
    };
  }

  async #start() {
    await this.#local.connect();
    await this.#local.subscribe('#', { qos: 2, noLocal: true, retainAsPublished: true, retainHandling: 2 }, (message) => this.#up(message));
    await this.#upstream.connect();
  }

  /** Until the server has it the broker here keeps it, and takes note that this client is slow. */
  async #up({ topic, payload, qos, retain, properties }) {
    this.#counts.up++;
    if (retain && !this.#filters.covers(topic)) this.#forget(topic);
    else if (retain) this.#remember(topic, payload);
    const before = this.#handed;
    let handed;
    this.#handed = new Promise((resolve) => (handed = resolve));
    await before;
    while (qos > 0 && this.#isFull(payload.length)) await new Promise((resolve) => (this.#room = resolve));
    const published = this.#upstream.publish(topic, payload, { qos, retain, ...forwarded(properties) });
    handed();
    try {
      await published;
    } catch (error) {
      this.#error = `${topic}: ${error.message}`;
    } finally {
      this.#room();
    }
  }

  /** What has no room waits in the broker here, which is told that it came when it has left. */
  #isFull(bytes) {
    const { messages, bytes: held } = this.#upstream.queued;
    return messages > 0 && held + bytes + WEIGHT > QUEUE_BYTES;
  }

  #down({ topic, payload, qos, retain, properties }) {
    if (retain && this.#isKnown(topic, payload)) {
      this.#counts.known++;
      return;
    }
    this.#counts.down++;
    if (retain) this.#remember(topic, payload);
    this.#local
      .publish(topic, payload, { qos, retain, ...forwarded(properties) })
      .catch((error) => (this.#error = `${topic}: ${error.message}`));
  }

  #remember(topic, payload) {
    if (payload.length > 0) this.#retained.set(topic, payload);
    else this.#retained.delete(topic);
  }

  /** A new subscription has the server tell its retained messages again: tabs with an older one have them. */
  #isKnown(topic, payload) {
    const known = this.#retained.get(topic);
    if (!known || known.length !== payload.length || known.some((byte, at) => byte !== payload[at])) return false;
    for (const [filter, since] of this.#recent) {
      if (performance.now() - since > RETAINED_MILLIS) this.#recent.delete(filter);
      else if (matches(filter, topic)) return true;
    }
    return false;
  }

  /** Only filters that no other covers go up: of overlapping ones some servers send a message more than once. */
  #change(how) {
    const before = this.#filters.wanted();
    how();
    const after = this.#filters.wanted();
    const more = after.filter((filter) => !before.includes(filter));
    const less = before.filter((filter) => !after.includes(filter));
    this.#changes = this.#changes
      .then(async () => {
        for (const filter of more) {
          this.#recent.set(filter, performance.now());
          await this.#upstream.subscribe(filter, { qos: 2, noLocal: true, retainAsPublished: true });
          this.#recent.set(filter, performance.now());
          this.#granted.add(filter);
        }
        for (const filter of less) {
          await this.#upstream.unsubscribe(filter);
          this.#granted.delete(filter);
        }
        for (const topic of this.#retained.keys()) if (!this.#filters.covers(topic)) this.#forget(topic);
      })
      .catch((error) => (this.#error = error.message));
  }

  /** Nobody here hears what becomes of it at the server: who asks for it later shall ask there. */
  #forget(topic) {
    this.#retained.delete(topic);
    this.#local.publish(topic, '', { qos: 1, retain: true }).catch(() => {});
  }
}

/** Of a shared filter the part that says which topics: the broker here shares them out. [MQTT-4.8.2-1] */
function unshared(filter) {
  return filter.startsWith('$share/') ? filter.split('/').slice(2).join('/') : filter;
}

/** Of a message's properties those that are the publisher's. */
function forwarded({ payloadFormatIndicator, messageExpiryInterval, contentType, responseTopic, correlationData, userProperties }) {
  const all = { payloadFormatIndicator, messageExpiryInterval, contentType, responseTopic, correlationData, userProperties };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function words(count) {
  return Array.from(crypto.getRandomValues(new Uint32Array(count)), (word) => word.toString(36)).join('');
}
