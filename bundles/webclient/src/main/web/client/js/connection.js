// SPDX-License-Identifier: Apache-2.0
/**
 * One connection to a broker, and its return when it is lost. MQTT.js speaks MQTT and keeps what is not acknowledged; this
 * decides when to try again and when to stop, subscribes again where the broker forgot, and says what happened.
 *
 * Tells its listener: changed() with the status, connected({again, sessionPresent}), received(packet), failed({code, text}).
 */

import { backoffMillis } from './backoff.js';
import { fault, whyClosed } from './diagnosis.js';
import { connackText, isAuthentication, isMove, isPassing, reasonText, TAKEN_OVER } from './reasons.js';
import { ticker } from './ticker.js';

const CONNECT_TIMEOUT_MILLIS = 15_000;

/** MQTT.js's own attempts are never due: ours wait longer each time. */
const NEVER_MILLIS = 2 ** 31 - 1;

/** Closed this soon, this often: two clients with one identifier take turns. */
const SHORT_MILLIS = 3_000;
const SHORT_MAX = 3;

const DISCONNECT = Uint8Array.of(0xe0, 0);

/** In PUBCOMP after a lost one: the message was the broker's since PUBREC, and it was released before: MQTT 5, 3.7.2.1. */
const PACKET_IDENTIFIER_NOT_FOUND = 0x92;

export class Connection {
  #listener;
  #client;
  #socket;
  #settings;
  #timer;
  #attempt = 0;
  #shorts = 0;
  #connectedAt = 0;
  #opened = false;
  #answered = false;
  #everConnected = false;
  #refusal;
  #sent = new Set();
  #heard = new Map();
  #unacknowledged = new Set();

  /** disconnected, connecting, connected, waiting, reconnecting or offline. */
  status = 'disconnected';
  sessionPresent = false;
  retryAtMillis = 0;

  constructor(listener) {
    this.#listener = listener;
    addEventListener('online', () => this.status === 'offline' && this.#again());
    addEventListener('offline', () => this.status === 'waiting' && this.#wait());
  }

  get settings() {
    return this.#settings;
  }

  get attempt() {
    return this.#attempt;
  }

  /** Connects with {url, options}, where options are MQTT.js's. */
  open(settings) {
    this.close();
    this.#settings = settings;
    this.#attempt = this.#shorts = 0;
    this.#everConnected = this.sessionPresent = false;
    this.#starting();
    this.#client = mqtt.connect(settings.url, {
      ...settings.options,
      reconnectPeriod: NEVER_MILLIS,
      connectTimeout: CONNECT_TIMEOUT_MILLIS,
      resubscribe: false,
      queueQoSZero: false,
      timerVariant: ticker,
      createWebsocket: (_, protocols) => this.#openSocket(protocols),
    });
    const client = this.#client;
    const events = {
      packetreceive: (packet) => this.#seen(packet),
      packetsend: (packet) => packet.cmd === 'publish' && packet.qos > 0 && this.#sent.add(packet.messageId),
      // The packet's own topic is empty where an alias stands for it.
      message: (topic, payload, packet) => this.#listener.received({ ...packet, topic }),
      error: (error) => this.#troubled(error),
      close: () => this.#closed(),
    };
    // What a client says that was replaced is no longer of interest.
    for (const [name, heard] of Object.entries(events)) client.on(name, (...said) => client === this.#client && heard(...said));
  }

  /** Says DISCONNECT and ends, at once, as is needed when the page goes. */
  close() {
    if (!this.#client) return;
    if (this.status === 'connected' && this.#socket.readyState === WebSocket.OPEN) this.#socket.send(DISCONNECT);
    this.#end();
  }

  #end() {
    const client = this.#client;
    this.#client = undefined;
    clearTimeout(this.#timer);
    client?.end(true);
    this.#socket?.close();
    this.#sent.clear();
    this.#heard.clear();
    for (const done of [...this.#unacknowledged]) done({ unacknowledged: true });
    this.#become('disconnected');
  }

  #become(status) {
    this.status = status;
    this.#listener.changed();
  }

  #starting() {
    this.#opened = this.#answered = false;
    this.#refusal = undefined;
    this.#become(this.#everConnected ? 'reconnecting' : 'connecting');
  }

  #openSocket(protocols) {
    const socket = new WebSocket(this.#settings.url, protocols);
    socket.addEventListener('open', () => socket === this.#socket && (this.#opened = true));
    this.#socket = socket;
    return socket;
  }

  /** Looks at the packets that say more than MQTT.js's events. */
  #seen(packet) {
    if (packet.cmd === 'connack') {
      this.#answered = true;
      const code = packet.reasonCode ?? packet.returnCode;
      if (code === 0) this.#connected(packet);
      else {
        this.#refusal = this.#refused(code, packet.properties);
        this.#socket.close();
      }
    } else if (packet.cmd === 'disconnect') {
      this.#refusal = this.#kicked(packet.reasonCode ?? 0, packet.properties);
    } else if ((packet.cmd === 'puback' || packet.cmd === 'pubrec') && packet.reasonCode) {
      // MQTT.js keeps to itself what is no error.
      this.#heard.set(packet.messageId, { code: packet.reasonCode, said: packet.properties?.reasonString });
    }
  }

  #connected(packet) {
    this.sessionPresent = packet.sessionPresent;
    // MQTT.js sends again what it keeps, but as if it were new.
    if (packet.sessionPresent) this.#markDuplicates();
    this.#connectedAt = performance.now();
    const again = this.#everConnected;
    this.#everConnected = true;
    this.#become('connected');
    this.#listener.connected({ again, sessionPresent: packet.sessionPresent });
  }

  #markDuplicates() {
    for (const packet of this.#client.outgoingStore._inflights?.values() ?? []) {
      if (packet.cmd === 'publish' && this.#sent.has(packet.messageId)) packet.dup = true;
    }
  }

  #refused(code, properties) {
    const version = this.#settings.options.protocolVersion;
    if (isMove(code)) return { ...moved(properties), reason: code, final: true };
    const kind = isAuthentication(code) ? 'auth' : 'connack';
    const reason = connackText(code, version, properties?.reasonString);
    return { ...fault(kind, { reason }), reason: code, final: !isPassing(code) };
  }

  #kicked(code, properties) {
    if (isMove(code)) return { ...moved(properties), reason: code, final: true };
    if (code === TAKEN_OVER) return { ...this.#takeover('takeover'), reason: code };
    const reason = reasonText(code, properties?.reasonString);
    return { ...fault('kicked', { reason }), reason: code, final: code !== 0 && !isPassing(code) };
  }

  #takeover(kind) {
    return { ...fault(kind, { client: this.#settings.options.clientId, times: SHORT_MAX }), final: true };
  }

  #troubled(error) {
    if (this.#refusal || error.code !== undefined) return;
    if (/keepalive/i.test(error.message)) this.#refusal = fault('keepalive');
    else if (/connack timeout/i.test(error.message)) this.#refusal = this.#noAnswer();
    else if (this.#opened && !/websocket/i.test(error.message)) {
      this.#refusal = { ...fault('protocol', { cause: error.message }), final: true };
      this.#socket.close();
    }
  }

  #noAnswer() {
    return this.#opened ? fault('connack.none', { host: new URL(this.#settings.url).host }) : undefined;
  }

  async #closed() {
    if (!this.#client) return;
    const client = this.#client;
    const lived = this.status === 'connected' ? performance.now() - this.#connectedAt : 0;
    let why = this.#refusal;
    // One that was short is no success: the waits go on growing.
    if (lived >= SHORT_MILLIS) this.#attempt = 0;
    if (!why && this.status === 'connected') {
      this.#shorts = lived < SHORT_MILLIS ? this.#shorts + 1 : 0;
      // With MQTT 5 the broker says that it was a take-over: there, it is the network.
      const twin = this.#shorts >= SHORT_MAX && this.#settings.options.protocolVersion < 5;
      why = twin ? this.#takeover('takeover.guess') : fault('closed');
    }
    const stop = why?.final || !this.#everConnected;
    if (stop) this.#end();
    else this.#wait();
    why ??= this.#noAnswer() ?? (navigator.onLine ? await whyClosed(this.#settings.url) : undefined);
    // Meanwhile somebody may have connected anew.
    if (why && (client === this.#client || (stop && !this.#client))) this.#listener.failed(why);
  }

  #wait() {
    clearTimeout(this.#timer);
    if (!navigator.onLine) return this.#become('offline');
    const millis = backoffMillis(this.#attempt++, Math.random());
    this.retryAtMillis = Date.now() + millis;
    this.#timer = setTimeout(() => this.#again(), millis);
    return this.#become('waiting');
  }

  #again() {
    this.#starting();
    const { incomingStore, outgoingStore } = this.#client;
    this.#client.reconnect({ incomingStore, outgoingStore });
  }

  /** Resolves with the reason code of each filter, which may be a refusal. Rejects when the connection ends before. */
  subscribe(wanted, properties) {
    const filters = Object.fromEntries(wanted.map(({ filter, ...options }) => [filter, options]));
    return new Promise((resolve, reject) => {
      this.#client.subscribe(filters, properties && { properties }, (error, _, suback) => {
        if (suback?.granted) resolve({ codes: suback.granted, said: suback.properties?.reasonString });
        else reject(error ?? new Error());
      });
    });
  }

  /** Resolves with the reason code, 0 before MQTT 5. */
  unsubscribe(filter, properties) {
    return new Promise((resolve, reject) => {
      this.#client.unsubscribe(filter, properties && { properties }, (error, unsuback) => {
        if (error) reject(error);
        else resolve({ code: unsuback?.granted?.[0] ?? unsuback?.reasonCode ?? 0, said: unsuback?.properties?.reasonString });
      });
    });
  }

  /** Publishes; done({code, said}) when the broker answered, at once with QoS 0, or done({unacknowledged}). */
  publish({ topic, payload, qos, retain, properties }, answered) {
    const done = (answer) => this.#unacknowledged.delete(done) && answered(answer);
    this.#unacknowledged.add(done);
    this.#client.publish(topic, payload, { qos, retain, properties }, (error, packet) => {
      const id = packet?.messageId;
      const heard = this.#heard.get(id);
      const code = packet?.reasonCode || error?.code || heard?.code || 0;
      this.#sent.delete(id);
      this.#heard.delete(id);
      if (error && typeof code !== 'number') done({ unacknowledged: true });
      else if (error && code === 0) done({ unacknowledged: true });
      else if (code === PACKET_IDENTIFIER_NOT_FOUND) done({ code: 0 });
      else done({ code, said: packet?.properties?.reasonString ?? heard?.said });
    });
  }
}

function moved(properties) {
  const server = properties?.serverReference;
  return server ? { ...fault('moved', { server }), server } : fault('moved.nowhere');
}
