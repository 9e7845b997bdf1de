// SPDX-License-Identifier: Apache-2.0
// A client of MQTT 3.1, 3.1.1 and 5, over any transport. What it does is in the compiled core (io.courtier.browser.client);
// here are promises, events, timers and what browsers tell.
import { clientOptions, giveConnect, storeOf } from './client-options.js';
import { CourtierError } from './courtier-error.js';
import { Listeners } from './listeners.js';
import { load } from './load.js';
import { AUTH_PROPERTIES, bytesOf, DISCONNECT_PROPERTIES, give, PUBLISH_PROPERTIES, SUBSCRIBE_PROPERTIES, Taken } from './properties.js';
import { handle, Message, Receipt, Subscription } from './subscription.js';
import { Unclaimed } from './unclaimed.js';
import { Wire } from './wire.js';

const TICK_MILLIS = 250;
const NO_SUBSCRIPTION = 0;
const QUOTA_EXCEEDED = 0x97;

export class CourtierClient {
  #options;
  #ready = null;
  #core = null;
  #given = null;
  #store = null;
  #wire;
  #listeners = new Listeners();
  #subscriptions = new Map();
  #unclaimed;
  #ticking = 0;
  #ended = false;
  #sessionPresent = false;
  /** Whether the server had the session before this client was made; null: there was no connection yet. */
  #inherits = null;
  #unhook = [];

  constructor(options) {
    this.#options = clientOptions(options);
    // Half of what the server may have under way, lest it stops.
    this.#unclaimed = new Unclaimed(this.#options.config.receiveMaximum >> 1, ({ topic }) =>
      this.#fail(new CourtierError('unclaimed', -1, `a message to ${topic} came, and nobody had subscribed to it`)),
    );
    this.#wire = new Wire(this.#options.transport, {
      opened: connection => this.#call(() => this.#core.opened(connection)),
      received: (connection, bytes) => this.#call(() => this.#core.received(connection, bytes)),
      closed: (connection, why) => this.#call(() => this.#core.closed(connection, why)),
    });
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
    if (qos === 0 && this.#wire.buffered > this.#options.queue.bytes) {
      throw new CourtierError('full', QUOTA_EXCEEDED, `${this.#wire.buffered} bytes wait for the network`);
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
        if (subscription.number === NO_SUBSCRIPTION) return;
        this.#subscriptions.set(subscription.number, subscription);
        this.#unclaimed.claim(
          ({ topic }) => this.#core.isFor(subscription.number, topic),
          (message, receipt) => subscription.deliver(message, receipt, error => this.#fail(error)),
        );
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
    const off = this.#listeners.on(event, listener);
    if (event === 'message') queueMicrotask(() => this.#unclaimed.claim(() => this.hasListeners(event), message => this.#listeners.emit(event, message)));
    return off;
  }

  hasListeners(event) {
    return this.#listeners.has(event) || (event === 'message' && this.#options.handler !== null);
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
      this.#fail(new CourtierError('store', -1, `the store is damaged and was thrown away: ${error.message}`));
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
      open: connection => this.#wire.open(connection),
      send: (connection, bytes) => this.#wire.send(connection, bytes),
      close: connection => this.#wire.close(connection),
      connected: sessionPresent => {
        this.#sessionPresent = sessionPresent;
        this.#inherits ??= sessionPresent;
        this.#listeners.emit('connected', { sessionPresent, clientId: this.clientId, properties: taken.take() });
      },
      disconnected: (kind, reason, text) => {
        this.#unclaimed.lost();
        this.#listeners.emit('disconnected', {
          cause: new CourtierError(kind, reason, text, taken.take()),
          reconnects: this.#core.state() === 'reconnecting',
        });
      },
      reconnecting: (attempt, delay) => this.#listeners.emit('reconnecting', { attempt, delay }),
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
        this.#fail(new CourtierError('refused', reason, text));
      },
      trouble: (kind, reason, text) => this.#fail(new CourtierError(kind, reason, text, taken.take())),
    });
  }

  #deliver(message, delivery, matched) {
    const receipt = new Receipt(reason => {
      if (delivery !== 0) this.#call(() => this.#core.done(delivery, reason));
    });
    const failed = error => this.#fail(error);
    let taken = this.hasListeners('message');
    for (const number of matched) if (this.#subscriptions.get(number)?.deliver(message, receipt, failed)) taken = true;
    const { handler } = this.#options;
    if (handler) handle(handler, message, receipt.hold(), failed);
    this.#listeners.emit('message', message);
    if (!taken && this.#inherits && message.qos > 0) this.#unclaimed.hold(message, receipt);
    else receipt.release();
  }

  #fail(error) {
    this.#listeners.emit('error', error);
  }

  #auth(challenge) {
    const answer = this.#options.authenticate;
    if (!answer) return this.#listeners.emit('auth', challenge);
    Promise.resolve(challenge)
      .then(answer)
      .then(
        data => this.respondAuth(data ?? null),
        error => this.#fail(error),
      );
  }

  // ---- the browser

  #listen() {
    const hook = (event, listener) => {
      globalThis.addEventListener?.(event, listener);
      this.#unhook.push(() => globalThis.removeEventListener?.(event, listener));
    };
    const network = online => {
      this.#call(() => this.#core.network(online));
      this.#listeners.emit(online ? 'online' : 'offline', {});
    };
    hook('online', () => network(true));
    hook('offline', () => network(false));
    if (globalThis.navigator?.onLine === false) this.#core.network(false);
    if (typeof document === 'undefined' || !this.#options.pageLifecycle) return;
    hook('pagehide', () => this.#call(() => this.#core.suspend()));
    hook('pageshow', ({ persisted }) => persisted && this.#call(() => this.#core.resume()));
  }
}

function level(value, name) {
  if (value !== 0 && value !== 1 && value !== 2) throw new RangeError(`${name} is 0, 1 or 2`);
}
