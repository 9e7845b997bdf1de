// SPDX-License-Identifier: Apache-2.0
// What a scenario has: brokers in this tab, or the server that the page came from, clients, and questions with an answer.
import { CourtierBroker, CourtierClient, messagePort, webSocket } from '../../courtier/courtier.js';
import { newId } from '../js/tab.js';
import { Wire } from './wire.js';

const PATIENCE_MILLIS = 8_000;
const LOOK_MILLIS = 10;
const MARKER = 'marker/';

/** One run of one scenario. Steps leave on it what later steps need. */
export class Context {
  #brokers = [];
  #clients = [];
  #afterwards = [];
  #run = newId();

  /** @param via 'tab' or 'server': where the broker is */
  constructor(via) {
    this.via = via;
  }

  /** Opens a broker in this tab, which forgets everything when it closes. The first one is where clients go by default. */
  async broker(options = {}) {
    const broker = await CourtierBroker.open({ name: `gallery-${this.#run}-${this.#brokers.length}`, store: 'memory', ...options });
    this.#brokers.push(broker);
    return broker;
  }

  /** The address of the server that this page came from. */
  get serverUrl() {
    return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/mqtt`;
  }

  /** A way to a broker of this tab, or to the server. */
  async transport(broker) {
    if (broker) return messagePort(() => broker.createPort());
    if (this.via === 'server') return webSocket(this.serverUrl);
    if (this.#brokers.length === 0) await this.broker();
    const [first] = this.#brokers;
    return messagePort(() => first.createPort());
  }

  /** A client that is not connected yet, with a wire to look at and to cut: client.wire. */
  async unconnected(name, { broker, ...options } = {}) {
    const wire = new Wire(await this.transport(broker));
    const client = new CourtierClient({
      transport: wire,
      clientId: this.clientId(name),
      reconnect: { initialDelay: 20, maxDelay: 200, jitter: 0 },
      ...options,
    });
    client.wire = wire;
    this.#clients.push(client);
    return client;
  }

  /** The same, connected. */
  async client(name, options) {
    const client = await this.unconnected(name, options);
    client.on('connected', ({ sessionPresent }) => (client.sessionPresent = sessionPresent));
    await client.connect();
    return client;
  }

  /** Names of ours, where others may have theirs. */
  clientId(name) {
    return this.via === 'server' ? `gallery-${this.#run}-${name}` : name;
  }

  topic(path) {
    return this.via === 'server' ? `gallery/${this.#run}/${path}` : path;
  }

  /** Subscribes, and keeps what comes. */
  async inbox(client, filter, options = { qos: 1 }) {
    const inbox = new Inbox(this, client);
    inbox.subscription = await client.subscribe(filter, options, message => inbox.add(message));
    return inbox;
  }

  /** Waits until something holds, and gives it. Rejects when it takes too long. */
  async until(what, holds, patience = PATIENCE_MILLIS) {
    const end = performance.now() + patience;
    for (;;) {
      const found = await holds();
      if (found) return found;
      if (performance.now() > end) throw new Error(`not within ${patience} ms: ${what}`);
      await this.pause(LOOK_MILLIS);
    }
  }

  pause(millis) {
    return new Promise(done => setTimeout(done, millis));
  }

  connected(client) {
    return this.until('the client is connected again', () => client.state === 'connected');
  }

  /** Fails the step unless both are the same, as JSON. */
  equal(what, actual, expected) {
    const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (is !== should) throw new Error(`${what}: expected ${should}, saw ${is}`);
  }

  ensure(what, holds) {
    if (!holds) throw new Error(`it does not hold: ${what}`);
  }

  /** Fails unless it fails; gives the error. */
  async fails(what, task) {
    const error = await Promise.resolve().then(task).then(() => null, thrown => thrown);
    if (error === null) throw new Error(`nothing failed: ${what}`);
    return error;
  }

  /** Runs when the scenario is over, however it went. */
  afterwards(task) {
    this.#afterwards.push(task);
  }

  async close() {
    const tasks = [
      ...this.#afterwards.reverse(),
      ...this.#clients.map(client => () => client.end()),
      ...this.#brokers.map(broker => () => broker.close()),
    ];
    for (const task of tasks) await Promise.resolve().then(task).catch(error => reportError(error));
  }
}

/** What came for a subscription. */
class Inbox {
  #context;
  #client;
  messages = [];

  constructor(context, client) {
    this.#context = context;
    this.#client = client;
  }

  add(message) {
    // Of settled(), where everything is subscribed to.
    if (!message.topic.startsWith(this.#context.topic(MARKER))) this.messages.push(message);
  }

  get texts() {
    return this.messages.map(message => message.text());
  }

  /** Waits for so many; gives the last of them. */
  async awaits(count) {
    await this.#context.until(`${count} messages (${this.messages.length} are here)`, () => this.messages.length >= count);
    return this.messages[count - 1];
  }

  /** Waits for these, in this order, and no others. */
  async reads(...texts) {
    await this.awaits(texts.length);
    await this.settled();
    this.#context.equal('the messages', this.texts, texts);
    return texts.join(', ');
  }

  /** When this resolves, whatever the broker had for this client before has come: what was sent after it has. */
  async settled() {
    const marker = this.#context.topic(MARKER + newId());
    let seen = false;
    const subscription = await this.#client.subscribe(marker, { qos: 1 }, () => (seen = true));
    await this.#client.publish(marker, '', { qos: 1 });
    await this.#context.until('a marker comes round', () => seen);
    await subscription.unsubscribe();
  }
}
