// SPDX-License-Identifier: Apache-2.0
// A client of MQTT 3.1, 3.1.1 and 5, over any transport. What it does is in the compiled core (io.courtier.browser.client);
// here are promises, events, timers and what browsers tell.
import { load } from './load.js';
import { IndexedDbClientStore } from './client-store.js';
import { bytesOf, give, Taken } from './properties.js';
import { handle, Message, Receipt, Subscription } from './subscription.js';

const TICK_MILLIS = 250;
const NO_SUBSCRIPTION = 0;
const QUOTA_EXCEEDED = 0x97;

const CONNECT_PROPERTIES = [
  'sessionExpiryInterval',
  'receiveMaximum',
  'maximumPacketSize',
  'topicAliasMaximum',
  'requestResponseInformation',
  'requestProblemInformation',
  'authenticationMethod',
  'authenticationData',
  'userProperties',
];
const PUBLISH_PROPERTIES = [
  'payloadFormatIndicator',
  'messageExpiryInterval',
  'contentType',
  'responseTopic',
  'correlationData',
  'userProperties',
];
const WILL_PROPERTIES = ['willDelayInterval', ...PUBLISH_PROPERTIES];
const SUBSCRIBE_PROPERTIES = ['subscriptionIdentifier', 'userProperties'];
const DISCONNECT_PROPERTIES = ['sessionExpiryInterval', 'reasonString', 'userProperties'];
const AUTH_PROPERTIES = ['reasonString', 'userProperties'];

/** Why something came to nothing: `kind` for programs, `message` for people, what the server said in between. */
export class CourtierError extends Error {
  constructor(kind, reasonCode, text, properties = {}) {
    super(text);
    this.name = 'CourtierError';
    this.kind = kind;
    this.reasonCode = reasonCode < 0 ? undefined : reasonCode;
    this.reasonString = properties.reasonString;
    this.serverReference = properties.serverReference;
    this.properties = properties;
  }
}

export class CourtierClient {
  #options;
  #ready = null;
  #core = null;
  #given = null;
  #store = null;
  #link = null;
  #connection = 0;
  #broken = () => {};
  #listeners = new Map();
  #subscriptions = new Map();
  #ticking = 0;
  #ended = false;
  #sessionPresent = false;
  #unhook = [];

  constructor(options) {
    this.#options = clientOptions(options);
  }

  // ---- what an application asks

  /** Connects; resolves with what CONNACK said. */
  async connect() {
    await this.#start();
    const { properties } = await this.#ask(reply => this.#core.connect(reply));
    return { sessionPresent: this.#sessionPresent, ...properties };
  }

  /**
   * Resolves when the server has it: with QoS 0 when it was sent, else at PUBACK or PUBCOMP. One with an id that the store
   * has seen is not published again, whoever asked for it.
   */
  async publish(topic, payload, { qos = 0, retain = false, id, ...properties } = {}) {
    const bytes = bytesOf(payload);
    level(qos, 'qos');
    await this.#start();
    if (id !== undefined && this.#store?.knows?.(id)) return { reasonCode: 0, properties: {}, duplicate: true };
    if (qos === 0 && this.#link?.buffered > this.#options.queue.bytes) {
      throw new CourtierError('full', QUOTA_EXCEEDED, `${this.#link.buffered} bytes wait for the network`);
    }
    const { reasons, properties: said } = await this.#ask(reply => {
      this.#give(properties, PUBLISH_PROPERTIES);
      // Before what it names, and in the same transaction.
      if (id !== undefined && qos > 0) this.#store?.note?.(id);
      this.#core.publish(String(topic), bytes, qos, retain === true, reply);
    }).catch(error => {
      this.#store?.unnote?.(id);
      throw error;
    });
    return { reasonCode: reasons[0], properties: said, duplicate: false };
  }

  /**
   * Subscribes to a filter, or to some at once; resolves when the server granted them all, rejects when it refused one.
   * Each message goes to the handler, if there is one, else to whoever iterates over the subscription.
   */
  async subscribe(filters, options = {}, handler = undefined) {
    if (typeof options === 'function') return this.subscribe(filters, {}, options);
    const wanted = (Array.isArray(filters) ? filters : [filters]).map(each =>
      typeof each === 'string' ? { ...options, filter: each } : { ...options, ...each },
    );
    const subscription = new Subscription(this, wanted.map(each => each.filter), handler, options);
    for (const each of wanted) {
      level(each.qos ?? 0, 'qos');
      level(each.retainHandling ?? 0, 'retainHandling');
    }
    await this.#start();
    try {
      const { reasons } = await this.#ask(reply => {
        this.#give(options, SUBSCRIBE_PROPERTIES);
        for (const each of wanted) {
          this.#core.filter(
            String(each.filter),
            each.qos ?? 0,
            each.noLocal === true,
            each.retainAsPublished === true,
            each.retainHandling ?? 0,
          );
        }
        subscription.number = this.#core.subscribe(reply);
        // Messages may come in one piece with SUBACK, before this promise is looked at.
        if (subscription.number !== NO_SUBSCRIPTION) this.#subscriptions.set(subscription.number, subscription);
      });
      subscription.granted = reasons;
      return subscription;
    } catch (error) {
      this.#forget(subscription);
      throw error;
    }
  }

  /** Ends a subscription; or all those that have a filter. */
  async unsubscribe(which) {
    await this.#start();
    const gone =
      which instanceof Subscription
        ? [which]
        : [...this.#subscriptions.values()].filter(each => each.filters.includes(which));
    if (gone.length === 0) throw new CourtierError('invalid', 0x11, `not subscribed to ${which}`);
    await Promise.all(
      gone.map(each => {
        this.#forget(each);
        return this.#ask(reply => this.#core.unsubscribe(each.number, reply));
      }),
    );
  }

  #forget(subscription) {
    this.#subscriptions.delete(subscription.number);
    subscription.end();
  }

  /** Says goodbye. What waits stays, for the next connect(). */
  async disconnect({ reasonCode = 0, ...properties } = {}) {
    await this.#start();
    await this.#ask(reply => {
      this.#give(properties, DISCONNECT_PROPERTIES);
      this.#core.disconnect(reasonCode, reply);
    });
  }

  /** Answers an 'auth' event. */
  respondAuth(data = null, properties = {}) {
    this.#call(() => {
      this.#give(properties, AUTH_PROPERTIES);
      this.#core?.respond(data === null ? null : bytesOf(data));
    });
  }

  /** Authenticates anew, with the method of connect(); resolves when the server is content. */
  async reauthenticate(data = null, properties = {}) {
    await this.#start();
    const { properties: said } = await this.#ask(reply => {
      this.#give(properties, AUTH_PROPERTIES);
      this.#core.reauthenticate(data === null ? null : bytesOf(data), reply);
    });
    return said;
  }

  /** Says goodbye at once, without waiting for a store: for workers whose page is put away. A page does it by itself. */
  suspend() {
    this.#call(() => this.#core?.suspend());
  }

  /** Connects again after suspend(). */
  resume() {
    this.#call(() => this.#core?.resume());
  }

  /** Disconnects for good: what waits is rejected, timers stop. What is in a store stays there. */
  async end() {
    if (this.#ended) return;
    this.#ended = true;
    for (const each of this.#unhook) each();
    await this.#ready?.catch(() => {});
    this.#call(() => this.#core?.end());
    for (const each of [...this.#subscriptions.values()]) this.#forget(each);
    clearInterval(this.#ticking);
    this.#ticking = 0;
    await this.#store?.close();
  }

  // ---- what can be asked

  get state() {
    return this.#core?.state() ?? (this.#ended ? 'ended' : 'disconnected');
  }

  get clientId() {
    return this.#core?.clientId() ?? this.#options.clientId;
  }

  /** What the server does not have yet. */
  get queued() {
    return { messages: this.#core?.queuedMessages() ?? 0, bytes: this.#core?.queuedBytes() ?? 0 };
  }

  /** Calls a listener at each event; gives the function that ends it. */
  on(event, listener) {
    if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
    this.#listeners.get(event).add(listener);
    return () => this.#listeners.get(event).delete(listener);
  }

  hasListeners(event) {
    return (this.#listeners.get(event)?.size ?? 0) > 0 || (event === 'message' && this.#options.handler !== null);
  }

  #emit(event, detail) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        listener(detail);
      } catch (error) {
        globalThis.reportError?.(error);
      }
    }
  }

  // ---- the core

  #start() {
    if (this.#ended) return Promise.reject(new CourtierError('ended', -1, 'the client has ended'));
    this.#ready ??= this.#make().catch(error => {
      this.#ready = null;
      throw error;
    });
    return this.#ready;
  }

  async #make() {
    const options = this.#options;
    const { exports, platform } = await load({ runtime: options.runtime });
    this.#store = await storeOf(options);
    const records = (await this.#store?.load()) ?? [];
    const made = () => {
      const core = new exports.JsClient(platform, this.#page(), this.#store);
      giveConnect(core.given(), options);
      core.start(options.config);
      return core;
    };
    let core = made();
    try {
      for (const [number, record] of records) core.loaded(number, record);
    } catch (error) {
      await this.#store.discard();
      core = made();
      this.#emit('error', new CourtierError('store', -1, `the store is damaged and was thrown away: ${error.message}`));
    }
    this.#core = core;
    this.#given = core.given();
    this.#store?.begin({
      stored: ticket => this.#call(() => core.stored(ticket)),
      lost: why => {
        this.#call(() => core.storeLost(why));
        this.#store.discard();
      },
    });
    this.#listen();
  }

  /** Calls the core, then looks whether it needs the clock. */
  #call(what) {
    try {
      return what();
    } finally {
      this.#arm();
    }
  }

  #arm() {
    const idle = !this.#core || this.#ended || (this.#core.state() === 'disconnected' && this.#core.queuedMessages() === 0);
    if (idle && this.#ticking) {
      clearInterval(this.#ticking);
      this.#ticking = 0;
    } else if (!idle && !this.#ticking) {
      this.#ticking = setInterval(() => this.#call(() => this.#core.tick()), TICK_MILLIS);
    }
  }

  #ask(what) {
    return new Promise((ok, bad) => {
      const taken = new Taken();
      const reasons = [];
      const reply = Object.assign(taken, {
        reason: code => reasons.push(code),
        done: () => ok({ reasons, properties: taken.take() }),
        failed: (kind, reason, text) => bad(new CourtierError(kind, reason, text, taken.take())),
      });
      this.#call(() => {
        try {
          what(reply);
        } catch (error) {
          // What was given for this call must not go with the next.
          this.#core.forget();
          const ours = error instanceof TypeError || error instanceof RangeError;
          bad(ours ? error : new CourtierError('invalid', -1, String(error?.message ?? error)));
        }
      });
    });
  }

  #give(properties, names) {
    if (this.#options.version === 5) give(this.#given, properties, names);
    // Before MQTT 5 it is not sent, but the client keeps it while a message waits.
    else if (names === PUBLISH_PROPERTIES) give(this.#given, properties, ['messageExpiryInterval']);
  }

  /** What the core asks and tells. */
  #page() {
    const taken = new Taken();
    let matched = [];
    return Object.assign(taken, {
      open: connection => this.#open(connection),
      send: (connection, bytes) => {
        if (connection !== this.#connection) return;
        try {
          this.#link?.send(bytes);
        } catch (error) {
          this.#broken(error);
        }
      },
      close: connection => {
        if (connection !== this.#connection) return;
        const link = this.#link;
        this.#link = null;
        link?.close();
      },
      connected: sessionPresent => {
        this.#sessionPresent = sessionPresent;
        this.#emit('connected', { sessionPresent, clientId: this.clientId, properties: taken.take() });
      },
      disconnected: (kind, reason, text) =>
        this.#emit('disconnected', {
          cause: new CourtierError(kind, reason, text, taken.take()),
          reconnects: this.#core.state() === 'reconnecting',
        }),
      reconnecting: (attempt, delay) => this.#emit('reconnecting', { attempt, delay }),
      matched: subscription => matched.push(subscription),
      message: (delivery, topic, payload, qos, retain, dup) => {
        const message = new Message({ topic, payload, qos, retain, dup, properties: taken.take() });
        const to = matched;
        matched = [];
        this.#deliver(message, delivery, to);
      },
      auth: (reasonCode, method, data) => this.#auth({ reasonCode, method, data, properties: taken.take() }),
      subscriptionLost: (number, reason) => {
        const subscription = this.#subscriptions.get(number);
        if (subscription) this.#forget(subscription);
        const filters = subscription?.filters ?? [];
        const text = `the server no longer grants ${filters.join(', ')}`;
        this.#emit('error', new CourtierError('refused', reason, text));
      },
      trouble: (kind, reason, text) => this.#emit('error', new CourtierError(kind, reason, text, taken.take())),
    });
  }

  #deliver(message, delivery, matched) {
    const receipt = new Receipt(reason => {
      if (delivery !== 0) this.#call(() => this.#core.done(delivery, reason));
    });
    const failed = error => this.#emit('error', error);
    for (const number of matched) this.#subscriptions.get(number)?.deliver(message, receipt, failed);
    const { handler } = this.#options;
    if (handler) handle(handler, message, receipt.hold(), failed);
    this.#emit('message', message);
    receipt.release();
  }

  #auth(challenge) {
    const answer = this.#options.authenticate;
    if (!answer) return this.#emit('auth', challenge);
    Promise.resolve(challenge)
      .then(answer)
      .then(
        data => this.respondAuth(data ?? null),
        error => this.#emit('error', error),
      );
  }

  #open(connection) {
    this.#connection = connection;
    this.#link = null;
    const current = () => connection === this.#connection;
    const closed = error => {
      if (!current()) return;
      this.#link = null;
      this.#call(() => this.#core.closed(connection, error?.message ?? 'the other side closed the connection'));
    };
    // In a task of its own: the core is in the middle of its turn.
    this.#broken = error => queueMicrotask(() => closed(error));
    try {
      this.#link = this.#options.transport.open({
        opened: () => current() && this.#call(() => this.#core.opened(connection)),
        bytes: chunk => current() && this.#call(() => this.#core.received(connection, chunk)),
        closed,
      });
    } catch (error) {
      this.#broken(error);
    }
  }

  // ---- the browser

  #listen() {
    const hook = (event, listener) => {
      globalThis.addEventListener?.(event, listener);
      this.#unhook.push(() => globalThis.removeEventListener?.(event, listener));
    };
    const network = online => {
      this.#call(() => this.#core.network(online));
      this.#emit(online ? 'online' : 'offline', {});
    };
    hook('online', () => network(true));
    hook('offline', () => network(false));
    if (globalThis.navigator?.onLine === false) this.#core.network(false);
    if (typeof document === 'undefined' || !this.#options.pageLifecycle) return;
    hook('pagehide', () => this.#call(() => this.#core.suspend()));
    hook('pageshow', ({ persisted }) => persisted && this.#call(() => this.#core.resume()));
  }
}

// ---- options

function level(value, name) {
  if (value !== 0 && value !== 1 && value !== 2) throw new RangeError(`${name} is 0, 1 or 2`);
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

export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `courtier-${Array.from(bytes, each => each.toString(16).padStart(2, '0')).join('')}`;
}

function storeOf({ store, storeName }) {
  if (store === 'memory') return null;
  if (store !== 'indexeddb') return store;
  return IndexedDbClientStore.open(storeName).catch(error => {
    throw new CourtierError('store', -1, String(error?.message ?? error));
  });
}
