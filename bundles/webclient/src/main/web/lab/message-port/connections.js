// SPDX-License-Identifier: Apache-2.0
// The connections of tabs, one for each, and what was received for them.
import { CourtierBroker, CourtierClient, IndexedDbClientStore, messagePort, webSocket } from '../../courtier/courtier.js';
import { Uplink } from '../hub/uplink.js';

const TABS_MAX = 50;
const SESSION_SECONDS = 86_400;
const QUEUE_MAX = 10_000;
const LOCK = 'courtier-lab:tab:';

/**
 * One connection for all tabs that want it so: a broker here has a client for each tab, shares out what groups of them
 * subscribed to ($share), and has one way up to the server.
 */
class Pools {
  #pools = new Map();

  async transport(url, { userName, password }) {
    const key = `${userName ?? ''} ${url}`;
    if (!this.#pools.has(key)) this.#pools.set(key, this.#open(key, url, userName, password));
    const { broker } = await this.#pools.get(key);
    return messagePort(() => broker.createPort({ listener: 'tabs' }));
  }

  async #open(key, url, userName, password) {
    try {
      const broker = await CourtierBroker.open({ name: `message-port ${key}`, authenticate: () => true });
      const clientId = broker.kept('clientId') ?? `pool-${crypto.getRandomValues(new Uint32Array(2)).join('')}`;
      await broker.keep('clientId', clientId);
      return { broker, uplink: new Uplink(broker, url, { clientId, username: userName || null, password: password || null }) };
    } catch (error) {
      this.#pools.delete(key);
      throw error;
    }
  }
}

export class TabConnections {
  #pools = new Pools();
  #tabs = new Map();
  #ending = new Map();

  has(tabId) {
    return this.#tabs.has(tabId);
  }

  /** Connects a tab, or takes up where its session was left: by another port, or by a worker that ended. */
  async connect({ tabId, clientId, brokerUrl, options = {} }, port) {
    const say = (type, data) => port?.postMessage({ type, data });
    try {
      if (typeof tabId !== 'string' || !/^[\w-]{1,64}$/.test(tabId)) throw new Error('a tab has an id of 1 to 64 letters, digits, _ and -');
      if (!port) throw new Error('CONNECT_TAB comes with a port');
      const url = new URL(brokerUrl);
      if (url.protocol !== 'ws:' && url.protocol !== 'wss:') throw new Error(`a broker's URL begins with ws:// or wss://, not ${url.protocol}`);
      const before = this.#tabs.get(tabId);
      const pooled = options.pooled === true;
      if (before && before.clientId === clientId && before.url === url.href && before.pooled === pooled && before.client.state !== 'ended') {
        before.hear(port, options.seen);
        say('CONNECTED', { sessionPresent: true, resumed: true, clientId: before.client.clientId });
        say('STATE', before.state());
        return;
      }
      if (!before && this.#tabs.size >= TABS_MAX) throw new Error(`there are ${TABS_MAX} connections already, which is the most`);
      await before?.end({ forget: false });
      await this.#ending.get(tabId);
      const store = await IndexedDbClientStore.open(`message-port:${tabId}:${pooled ? 'pooled:' : ''}${url.href}`);
      const transport = pooled ? await this.#pools.transport(url.href, options) : webSocket(url.href);
      const tab = new Tab(clientId, url.href, transport, options, store);
      this.#tabs.set(tabId, tab);
      tab.hear(port, options.seen);
      await tab.connect();
    } catch (error) {
      await this.disconnect({ tabId, idle: true });
      say('ERROR', { message: error.message, reasonCode: error.reasonCode, while: 'CONNECT_TAB' });
    }
  }

  /** idle: the tab only goes away; its session stays at the broker, and what it has not delivered stays here. */
  async disconnect({ tabId, idle = false }) {
    const tab = this.#tabs.get(tabId);
    if (!tab) return;
    this.#tabs.delete(tabId);
    // Its store has one owner at a time: who comes back at once waits.
    const ending = tab.end({ forget: !idle }).finally(() => this.#ending.delete(tabId));
    this.#ending.set(tabId, ending);
    await ending;
  }

  /** Ends connections of tabs that are gone: nobody holds their lock. */
  async look() {
    const { held } = await navigator.locks.query();
    const there = new Set(held.map(({ name }) => name));
    for (const [tabId, tab] of this.#tabs) {
      if (there.has(LOCK + tabId)) tab.tell();
      else await this.disconnect({ tabId, idle: true });
    }
  }

  /** Stays awake until what waits has been sent, or cannot be. */
  async flush() {
    const waiting = [...this.#tabs.values()].filter(tab => tab.client.queued.messages > 0);
    for (const tab of waiting) await tab.client.connect().catch(() => {});
  }
}

class Tab {
  #port = null;
  #caughtUp = Promise.resolve();
  #store;

  constructor(clientId, url, transport, options, store) {
    this.clientId = clientId;
    this.url = url;
    this.pooled = options.pooled === true;
    this.#store = store;
    this.client = new CourtierClient({
      transport,
      clientId,
      userName: options.userName || null,
      password: options.password || null,
      cleanStart: false,
      sessionExpiryInterval: SESSION_SECONDS,
      keepAlive: 30,
      queue: { messages: QUEUE_MAX, qos0: options.queueQoS0 === true },
      store,
      reconnect: { first: options.resume === true },
      // The broker is told that it came when it is stored here, and not before.
      handler: message => this.#deliver(message),
    });
    for (const event of ['connected', 'disconnected', 'reconnecting', 'online', 'offline']) {
      this.client.on(event, () => this.#say('STATE', this.state()));
    }
    this.client.on('disconnected', ({ cause }) => this.#say('ERROR', { message: cause.message, reasonCode: cause.reasonCode, while: 'CONNECTION' }));
    this.client.on('error', error => this.#say('ERROR', { message: error.message, reasonCode: error.reasonCode, while: 'CONNECTION' }));
  }

  state() {
    return { state: this.client.state, queued: this.client.queued.messages };
  }

  tell() {
    this.#say('STATE', this.state());
  }

  #say(type, data, requestId) {
    this.#port?.postMessage({ type, data, requestId });
  }

  /** From now on it is this port that speaks for the tab, which has seen messages up to a number. */
  hear(port, seen) {
    this.#port?.close();
    this.#port = port;
    port.onmessage = ({ data }) => this.#asked(data ?? {});
    this.#caughtUp = this.#store.inbox(seen).then(messages => {
      for (const [number, message] of messages) this.#say('MESSAGE', { ...message, number, stored: true });
    });
  }

  async connect() {
    const connected = await this.client.connect();
    this.#say('CONNECTED', { sessionPresent: connected.sessionPresent, clientId: this.client.clientId });
    this.#say('STATE', this.state());
  }

  async #asked({ type, data = {}, requestId }) {
    try {
      if (type === 'PUBLISH') {
        const { topic, payload, qos = 0, retain = false, id, properties } = data;
        const published = this.client.publish(topic, payload, { qos, retain, id, ...properties });
        published.catch(() => {}).then(() => this.#say('STATE', this.state()));
        if (this.client.state !== 'connected') setTimeout(() => this.#say('STATE', this.state()));
        const { reasonCode } = await published;
        this.#say('PUBLISHED', { topic, qos, reasonCode }, requestId);
      } else if (type === 'SUBSCRIBE') {
        const { topic, qos = 0, ...options } = data;
        const subscription = await this.client.subscribe(topic, { qos, ...options });
        this.#say('SUBSCRIBED', { topic, qos: subscription.granted[0] }, requestId);
      } else if (type === 'UNSUBSCRIBE') {
        await this.client.unsubscribe(data.topic);
        this.#say('UNSUBSCRIBED', { topic: data.topic }, requestId);
      } else if (type === 'STATE') {
        this.#say('STATE', this.state(), requestId);
      } else {
        throw new Error(`no message type ${String(type)}`);
      }
    } catch (error) {
      this.#say('ERROR', { message: error.message, reasonCode: error.reasonCode, while: type }, requestId);
    }
  }

  /**
   * It is kept before the broker is told that it came. With QoS 2 in one transaction with that: the client's own record of it
   * follows at once.
   */
  #deliver(message) {
    const { topic, qos, retain, dup, payload, properties } = message;
    const seen = { topic, payload, qos, retain, dup, at: Date.now(), userProperties: properties.userProperties ?? [] };
    const { number, stored } = this.#store.keep(seen);
    // Where the store fails it is shown all the same, and said not to be kept.
    const kept = stored.then(() => true, () => false);
    // Behind those that a new port is told first; it knows by the number what it has.
    kept.then(async (isKept) => {
      await this.#caughtUp.catch(() => {});
      this.#say('MESSAGE', { ...seen, number, ...(isKept ? {} : { lost: true }) });
    });
    return qos === 2 ? undefined : kept;
  }

  async end({ forget = true } = {}) {
    const port = this.#port;
    this.#port = null;
    if (forget) {
      await this.client.disconnect({ sessionExpiryInterval: 0 }).catch(() => {});
      await this.#store.discard();
    }
    await this.client.end();
    port?.close();
  }
}
