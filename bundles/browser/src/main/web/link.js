// SPDX-License-Identifier: Apache-2.0
// Byte streams between tabs, over one BroadcastChannel that all of a group share. Each frame says who it is for, so that
// the others can ignore it without a look inside:
//
//   {v, epoch, from, to, seq, type, data}
//
// from, to: a connection (`tab#number`), or 'broker'. seq counts the frames of one direction of a connection from 1; a gap
// ends it. epoch: of the broker that speaks or is spoken to; frames of another are void, so one that was replaced while
// it slept does no harm. Types: OPEN, OPENED, DATA, TAKEN (data: so many bytes), CLOSE; and to all, once a second, with the
// tab as data, BEAT of the broker, and OPENING of the tab that is about to be it (epoch: of the broker before).

import { Chunks } from './chunks.js';

export const VERSION = 1;
const CHUNK_BYTES = 256 * 1024;
/** Bytes that a client takes before it says so. */
const TAKEN_BYTES = 32 * 1024;
/** An OPEN without an answer is said again. */
const OPEN_AGAIN_MILLIS = 250;
/** More brokers than a group can have had in its time; and so there is an epoch behind each that is believed. */
const EPOCH_MAX = 2 ** 48;

/** A frame of ours, or null: whatever else another script of this origin says on the channel. */
export function frame(data) {
  const ours =
    data !== null && typeof data === 'object' && data.v === VERSION && isEpoch(data.epoch) &&
    typeof data.from === 'string' && typeof data.to === 'string' && typeof data.type === 'string' && data.from.length <= 200;
  return ours ? data : null;
}

function isEpoch(epoch) {
  return Number.isSafeInteger(epoch) && epoch >= 0 && epoch <= EPOCH_MAX;
}

/** This tab is about to be the broker. */
export function sayOpening(channel, epoch, tab) {
  channel.postMessage({ v: VERSION, epoch, from: 'broker', to: '*', seq: 0, type: 'OPENING', data: tab });
}

/** Serves connections of other tabs: the broker's end. */
export class LinkServer {
  #broker;
  #channel;
  #epoch;
  #connections = new Map();
  #max;

  constructor(broker, channel, epoch, { connectionsMax = 1_000 } = {}) {
    this.#broker = broker;
    this.#channel = channel;
    this.#epoch = epoch;
    this.#max = connectionsMax;
  }

  #post(to, seq, type, data) {
    this.#channel.postMessage({ v: VERSION, epoch: this.#epoch, from: 'broker', to, seq, type, data });
  }

  beat(tab) {
    this.#post('*', 0, 'BEAT', tab);
  }

  received({ from, to, epoch, seq, type, data }) {
    if (to !== 'broker') return;
    if (type === 'OPEN') {
      this.#open(from);
      return;
    }
    const connection = this.#connections.get(from);
    if (!connection || epoch !== this.#epoch) {
      if (type !== 'CLOSE') this.#post(from, 0, 'CLOSE', 'this broker does not know the connection');
      return;
    }
    if (seq !== ++connection.heard) {
      this.#drop(from, 'a frame was lost');
      return;
    }
    if (type === 'DATA' && data instanceof Uint8Array) connection.core.receive(data);
    else if (type === 'TAKEN' && Number.isSafeInteger(data) && data > 0) connection.core.consumed(data);
    else if (type === 'CLOSE') this.lost(from);
    else this.#drop(from, 'not a frame that a client sends');
  }

  #open(from) {
    const known = this.#connections.get(from);
    if (known) {
      // Its OPENED is under way, or was lost with nothing behind it.
      if (known.heard === 0 && known.said === 0) this.#post(from, 0, 'OPENED', null);
      return;
    }
    if (this.#connections.size >= this.#max) {
      this.#post(from, 0, 'CLOSE', `this broker has ${this.#max} connections already`);
      return;
    }
    const connection = { said: 0, heard: 0, core: null, over: false };
    const tab = from.slice(0, from.lastIndexOf('#'));
    const sink = {
      bytes: chunk => {
        for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
          this.#post(from, ++connection.said, 'DATA', chunk.length <= CHUNK_BYTES ? chunk : chunk.slice(at, at + CHUNK_BYTES));
        }
      },
      closed: () => {
        connection.over = true;
        if (this.#connections.delete(from)) this.#post(from, ++connection.said, 'CLOSE', '');
      },
    };
    let refused = 'the broker refused the connection';
    try {
      connection.core = this.#broker.connect(sink, { listener: 'tabs', address: tab });
    } catch (error) {
      // It was closed while this was under way: who asks again asks the next.
      connection.over = true;
      refused = error.message;
    }
    if (connection.over) {
      this.#post(from, 0, 'CLOSE', refused);
      return;
    }
    this.#connections.set(from, connection);
    this.#post(from, 0, 'OPENED', null);
    connection.core.consumed(0);
  }

  #drop(from, why) {
    const connection = this.#connections.get(from);
    this.lost(from);
    this.#post(from, ++connection.said, 'CLOSE', why);
  }

  lost(from) {
    const connection = this.#connections.get(from);
    if (!connection) return;
    this.#connections.delete(from);
    connection.core.lost();
  }

  /** A tab is gone, without a word. */
  tabGone(tab) {
    for (const from of [...this.#connections.keys()]) {
      if (from.slice(0, from.lastIndexOf('#')) === tab) this.lost(from);
    }
  }

  tabs() {
    return new Set([...this.#connections.keys()].map(from => from.slice(0, from.lastIndexOf('#'))));
  }
}

/** Makes connections to whoever is the broker: the other tabs' end. */
export class LinkClient {
  #channel;
  #tab;
  #epoch = 0;
  #number = 0;
  #links = new Map();

  constructor(channel, tab) {
    this.#channel = channel;
    this.#tab = tab;
  }

  get epoch() {
    return this.#epoch;
  }

  /** The broker of this epoch is there, in another tab. Links to any other end. */
  broker(epoch) {
    const changed = epoch !== this.#epoch;
    this.#epoch = epoch;
    for (const link of [...this.#links.values()]) {
      if (changed && link.epoch !== 0) this.#end(link, new Error('another tab became the broker'));
      else if (link.epoch === 0) this.#ask(link);
    }
  }

  /** The broker of this epoch is in this tab, where no channel leads to: all links end, those that only asked for one, too. */
  here(epoch) {
    this.#epoch = epoch;
    for (const link of [...this.#links.values()]) this.#end(link, new Error('this tab became the broker'));
  }

  transport() {
    return { name: `tabs:${this.#channel.name}`, open: events => this.#open(events) };
  }

  #open(events) {
    const link = { id: `${this.#tab}#${++this.#number}`, epoch: 0, said: 0, heard: 0, taken: 0, out: null, events, timer: 0 };
    link.out = new Chunks(all => this.#data(link, all));
    this.#links.set(link.id, link);
    link.timer = setInterval(() => this.#ask(link), OPEN_AGAIN_MILLIS);
    if (this.#epoch > 0) this.#ask(link);
    return {
      send: chunk => link.out.add(chunk),
      close: () => {
        link.out.flush();
        if (!this.#forget(link)) return;
        // Who closes it needs not be told.
        if (link.epoch !== 0) this.#post(link, ++link.said, 'CLOSE', null);
      },
    };
  }

  #post(link, seq, type, data) {
    this.#channel.postMessage({ v: VERSION, epoch: link.epoch || this.#epoch, from: link.id, to: 'broker', seq, type, data });
  }

  #ask(link) {
    if (link.epoch === 0 && this.#epoch > 0) this.#post(link, 0, 'OPEN', null);
  }

  #data(link, all) {
    if (!this.#links.has(link.id)) return;
    for (let at = 0; at < all.length; at += CHUNK_BYTES) {
      this.#post(link, ++link.said, 'DATA', all.length <= CHUNK_BYTES ? all : all.slice(at, at + CHUNK_BYTES));
    }
  }

  received({ from, to, epoch, seq, type, data }) {
    if (from !== 'broker' || epoch < this.#epoch) return;
    if (type === 'BEAT') {
      this.broker(epoch);
      return;
    }
    const link = this.#links.get(to);
    if (!link) return;
    if (type === 'OPENED') {
      if (link.epoch !== 0) return;
      link.epoch = epoch;
      clearInterval(link.timer);
      link.events.opened();
      return;
    }
    if (type === 'CLOSE') {
      // Whoever does not know the connection: it was not this one's broker when it began.
      if (link.epoch !== 0 || seq === 0) this.#end(link, data ? new Error(String(data)) : undefined);
      return;
    }
    if (link.epoch !== epoch) return;
    if (type !== 'DATA' || seq !== ++link.heard || !(data instanceof Uint8Array)) {
      this.#end(link, new Error('a frame was lost'));
      return;
    }
    link.taken += data.length;
    link.events.bytes(data);
    if (link.taken >= TAKEN_BYTES && this.#links.has(link.id)) {
      link.out.flush();
      this.#post(link, ++link.said, 'TAKEN', link.taken);
      link.taken = 0;
    }
  }

  #forget(link) {
    clearInterval(link.timer);
    return this.#links.delete(link.id);
  }

  #end(link, error) {
    if (this.#forget(link)) link.events.closed(error);
  }

  close() {
    for (const link of [...this.#links.values()]) {
      if (link.epoch !== 0) this.#post(link, ++link.said, 'CLOSE', null);
      this.#end(link);
    }
  }
}
