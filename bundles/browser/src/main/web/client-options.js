// SPDX-License-Identifier: Apache-2.0
// What an application wants of a client or a bridge, with all that it left out, as the core takes it.
import { IndexedDbClientStore } from './client-store.js';
import { CourtierError } from './courtier-error.js';
import { bytesOf, CONNECT_PROPERTIES, give, WILL_PROPERTIES } from './properties.js';

/** Options with all defaults; throws where one is none. */
export function clientOptions({
  transport,
  runtime = 'auto',
  version = 5,
  clientId = '',
  cleanStart = true,
  keepAlive = 60,
  userName = null,
  password = null,
  will = null,
  connectTimeout = 30_000,
  pingTimeout = 10_000,
  reconnect = {},
  queue = {},
  inflightMaximum = 100,
  subscriptionsMaximum = 1_000,
  receiveMaximum = 100,
  maximumPacketSize = 16 * 1024 * 1024,
  topicAliasMaximum = 32,
  topicAliases = 32,
  store = 'memory',
  storeName = clientId,
  authenticate = null,
  handler = null,
  pageLifecycle = true,
  ...connect
} = {}) {
  if (typeof transport?.open !== 'function') throw new TypeError('a client needs a transport: webSocket(url), for one');
  if (![3, 4, 5].includes(version)) throw new RangeError('version is 3 (MQTT 3.1), 4 (3.1.1) or 5');
  if (!Number.isInteger(keepAlive) || keepAlive < 0 || keepAlive > 65_535) {
    throw new RangeError('keepAlive is in seconds, 0 to 65,535');
  }
  if (password !== null && userName === null && version < 5) throw new TypeError('a password needs a userName before MQTT 5');
  const unknown = Object.keys(connect).find(name => !CONNECT_PROPERTIES.includes(name));
  if (unknown) throw new TypeError(`there is no option ${unknown}`);
  if (store !== 'memory' && storeName === '') throw new TypeError('a store needs a storeName, or a clientId to be named by');
  if (store !== 'memory' && version < 5 && clientId === '') throw new TypeError('a store needs a clientId before MQTT 5');
  const again = reconnect === false ? { enabled: false } : reconnect;
  const waiting = { messages: 1_000, bytes: 16 * 1024 * 1024, qos0: false, ...queue };
  return {
    transport,
    runtime,
    version,
    clientId,
    will,
    queue: waiting,
    store,
    storeName,
    authenticate,
    handler,
    pageLifecycle,
    connect: { ...connect, receiveMaximum, maximumPacketSize, topicAliasMaximum },
    config: {
      version,
      clientId: version < 5 && clientId === '' ? randomId() : clientId,
      cleanStart,
      keepAlive,
      userName,
      password: password === null ? null : bytesOf(password),
      reconnect: again.enabled ?? true,
      initialDelay: again.initialDelay ?? 1_000,
      maxDelay: again.maxDelay ?? 60_000,
      factor: again.factor ?? 2,
      jitter: again.jitter ?? 0.5,
      maxAttempts: again.maxAttempts ?? 0,
      stableAfter: again.stableAfter ?? 10_000,
      retryFirst: again.first ?? false,
      queueQoS0: waiting.qos0,
      connectTimeout,
      pingTimeout,
      queueMessages: waiting.messages,
      queueBytes: waiting.bytes,
      inflightMaximum,
      subscriptionsMaximum,
      receiveMaximum,
      maximumPacketSize,
      topicAliasMaximum,
      topicAliases,
    },
  };
}

/** Gives the core what CONNECT carries besides the config. */
export function giveConnect(given, { will, version, connect }) {
  if (will) {
    give(given, will, version === 5 ? WILL_PROPERTIES : []);
    const { topic, payload = '', qos = 0, retain = false } = will;
    given.will(topic, bytesOf(payload), qos, retain);
  }
  if (version === 5) give(given, connect, CONNECT_PROPERTIES);
}

/** A client identifier, or a part of one, that nobody else has. */
export function randomId(prefix = 'courtier') {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `${prefix}-${Array.from(bytes, each => each.toString(16).padStart(2, '0')).join('')}`;
}

/** Where what is not finished outlives the page; null: nowhere. */
export function storeOf({ store, storeName }) {
  if (store === 'memory') return null;
  if (store !== 'indexeddb') return store;
  return IndexedDbClientStore.open(storeName).catch(error => {
    throw new CourtierError('store', -1, String(error?.message ?? error));
  });
}
