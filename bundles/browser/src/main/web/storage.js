// SPDX-License-Identifier: Apache-2.0
// Where a broker keeps what is to outlive its tab. Both give the core the same: what is put between two commits becomes
// durable together, in the order of the commits.
import { grouped, Groups } from './groups.js';

export const QUOTA_EXCEEDED = 0x97;
export const IMPLEMENTATION_SPECIFIC_ERROR = 0x83;

const RECORDS = ['image', 'log', 'messages', 'history'];
const STORES = ['meta', 'writer', 'retained', ...RECORDS];
/** 3: records are in groups. 4: one writer. */
const VERSION = 4;
const GROUPS_SINCE = 3;
/** The index that lets `writer` have one record: whose epoch is in it may write, and nobody else can take its place unawares. */
const SEAT = 'seat';
const OPTIONS = { image: { autoIncrement: true }, writer: { keyPath: 'epoch' } };
const RETRY_MILLIS = 1_000;

/** For brokers that end with their tab: nothing to load, and everything is as durable as it gets. */
export class MemoryStorage {
  kind = 'memory';
  epoch = 0;
  #messages = new Map();
  #told = null;

  load() {
    return Promise.resolve({ next: 1, records: [], retained: [], history: [], settings: {} });
  }

  begin(told) {
    this.#told = told;
  }

  setting() {
    return Promise.resolve();
  }

  message(position, record) {
    this.#messages.set(position, record);
  }

  log() {}

  retained() {}

  history() {}

  forgetHistory() {}

  imageRecord() {}

  imageMessage(position) {
    this.#needed ??= new Set();
    this.#needed.add(position);
  }

  #needed = null;

  image(upTo) {
    for (const position of this.#messages.keys()) {
      if (position <= upTo && !this.#needed?.has(position)) this.#messages.delete(position);
    }
    this.#needed = null;
  }

  commit(ticket) {
    queueMicrotask(() => this.#told?.committed(ticket));
  }

  read(position, index, found) {
    const record = this.#messages.get(position) ?? null;
    queueMicrotask(() => found(index, record));
  }

  close() {
    this.#told = null;
    return Promise.resolve();
  }
}

/** What is put between two commits. */
class Batch {
  ticket = 0;
  messages = [];
  log = [];
  retained = [];
  history = [];
  forgotten = [];
  image = null;
  settings = null;
  /** Who is told that the settings are stored, or that they never will be: {stored, given up}. */
  waiting = [];

  /** Batches that are written together: of what is there more than once the last counts. */
  static joined(batches) {
    const all = new Batch();
    for (const part of ['messages', 'log', 'retained', 'history', 'forgotten', 'waiting']) all[part] = batches.flatMap(each => each[part]);
    for (const part of ['ticket', 'image', 'settings']) all[part] = batches.findLast(each => each[part])?.[part] ?? null;
    return all;
  }
}

/** One database for each broker. A broker that opens it later fences off one that still writes: see `superseded`. */
export class IndexedDbStorage {
  kind = 'indexeddb';
  #database;
  #epoch = 0;
  #ticket = 1;
  #settings = {};
  #told = null;
  #batch = new Batch();
  #pending = [];
  /** What is being written. */
  #underWay = null;
  /** Messages that are not in the database yet, by position. */
  #unsaved = new Map();
  #messages = new Groups();
  #history = new Groups();
  #writing = false;
  #trouble = 0;
  /** What of history went while there was trouble. */
  #evicted = [];
  #image = null;
  #idle = null;
  #timer = 0;

  constructor(database) {
    this.#database = database;
    database.onversionchange = () => this.#superseded('a newer version of Courtier opens the database');
    database.onclose = () => this.#superseded('the browser closed the database');
  }

  /** Rejects where there is no IndexedDB, or it may not be used. */
  static open(name) {
    return new Promise((resolve, reject) => {
      if (!globalThis.indexedDB) throw new Error('this browser has no IndexedDB');
      const request = indexedDB.open(`courtier:${name}`, VERSION);
      request.onupgradeneeded = ({ oldVersion }) => {
        for (const store of STORES) {
          const isThere = request.result.objectStoreNames.contains(store);
          if (isThere && (oldVersion >= GROUPS_SINCE || !RECORDS.includes(store))) continue;
          // No release wrote them without groups.
          if (isThere) request.result.deleteObjectStore(store);
          const created = request.result.createObjectStore(store, OPTIONS[store]);
          if (store === 'writer') created.createIndex(SEAT, SEAT, { unique: true });
        }
      };
      request.onsuccess = () => resolve(new IndexedDbStorage(request.result));
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error('another tab holds an older database open: close or reload it'));
    });
  }

  get epoch() {
    return this.#epoch;
  }

  /** Everything that is there, in the order in which it has its meaning. From now on this one is who writes. */
  async load() {
    const transaction = this.#transaction();
    const meta = transaction.objectStore('meta');
    const writer = transaction.objectStore('writer');
    const [[epoch = 0], next, folded, settings] = await Promise.all(
      [writer.getAllKeys(), meta.get('next'), meta.get('folded'), meta.get('settings')].map(result),
    );
    this.#settings = settings ?? {};
    this.#ticket = next ?? 1;
    this.#epoch = epoch + 1;
    writer.clear();
    this.#sit(writer);
    const upTo = folded ?? 0;
    const behind = IDBKeyRange.lowerBound([upTo, Infinity], true);
    const [images, log, messages, messageKeys, retained, past, pastKeys] = await Promise.all(
      [
        transaction.objectStore('image').getAll(),
        transaction.objectStore('log').getAll(behind),
        transaction.objectStore('messages').getAll(behind),
        transaction.objectStore('messages').getAllKeys(),
        transaction.objectStore('retained').getAll(),
        transaction.objectStore('history').getAll(),
        transaction.objectStore('history').getAllKeys(),
      ].map(result),
    );
    await done(transaction);
    this.#messages.load(messageKeys);
    this.#history.load(pastKeys, past);
    const records = [...log.flat(), ...messages.flat()].filter(([position]) => position > upTo).sort(([one], [other]) => one - other);
    return { next: next ?? 1, records: [...images.flat(), ...records], retained, history: past.flat(), settings: { ...this.#settings } };
  }

  /** @param told {committed(ticket), trouble(reason, why), superseded(why)} */
  begin(told) {
    this.#told = told;
  }

  /** Keeps what the broker of this name is to be given when it starts again. Resolves when it is durable; rejects where it never is. */
  setting(name, value) {
    if (!this.#told) return Promise.reject(ended());
    this.#settings = { ...this.#settings, [name]: value };
    const settings = this.#settings;
    return new Promise((stored, givenUp) => {
      this.#pending.push(Object.assign(new Batch(), { ticket: this.#ticket, settings, waiting: [{ stored, givenUp }] }));
      this.#writeSoon();
    });
  }

  message(position, record) {
    this.#unsaved.set(position, record);
    this.#batch.messages.push([position, record]);
  }

  log(position, record) {
    this.#batch.log.push([position, record]);
  }

  retained(topic, message) {
    this.#batch.retained.push([topic, message]);
  }

  history(position, record) {
    this.#batch.history.push([position, record]);
  }

  forgetHistory(position) {
    if (this.#trouble === 0) this.#batch.forgotten.push(position);
    else this.#evicted.push(position);
  }

  imageRecord(position, record) {
    this.#image ??= { records: [], messages: [] };
    this.#image.records.push([position, record]);
  }

  imageMessage(position) {
    this.#image ??= { records: [], messages: [] };
    this.#image.messages.push(position);
  }

  image(upTo) {
    this.#batch.image = { records: [], messages: [], ...this.#image, upTo };
    this.#image = null;
  }

  commit(ticket) {
    this.#ticket = ticket;
    this.#batch.ticket = ticket;
    this.#pending.push(this.#batch);
    this.#batch = new Batch();
    this.#writeSoon();
  }

  /** Behind what this turn says to clients: to begin a transaction takes longer than that. */
  #writeSoon() {
    queueMicrotask(() => this.#write());
  }

  read(position, index, found) {
    const unsaved = this.#unsaved.get(position);
    if (unsaved) {
      queueMicrotask(() => found(index, unsaved));
      return;
    }
    this.#messages.read(this.#database, 'messages', position).then(record => found(index, record));
  }

  /** One transaction at a time, with all that has come meanwhile: a transaction costs more than what is in it. */
  #write() {
    // In trouble it is tried again when it is time, not whenever there is more.
    if (this.#timer !== 0) return;
    if (this.#writing || this.#pending.length === 0 || !this.#told) {
      if (!this.#writing && this.#pending.length === 0) this.#idle?.();
      return;
    }
    this.#writing = true;
    const all = Batch.joined(this.#pending);
    this.#pending = [];
    this.#underWay = all;
    const complete = () => {
      this.#writing = false;
      this.#underWay = null;
      for (const position of this.#unsaved.keys()) {
        if (position >= all.ticket) break;
        this.#unsaved.delete(position);
      }
      for (const { stored } of all.waiting) stored();
      if (this.#trouble !== 0) this.#tell(0, '');
      this.#told?.committed(all.ticket);
      this.#write();
    };
    this.#transact(this.#changes(all), complete, error => this.#failed(all, error));
  }

  /**
   * Writes in one transaction, unless another broker has opened the database since: whatever this one still says is void then.
   * All is asked for in one go, and the end of the transaction with it: a tab that is put to sleep holds up nobody.
   */
  #transact(changes, complete, failed) {
    let transaction;
    let seat;
    try {
      transaction = this.#transaction();
      seat = this.#sit(transaction.objectStore('writer'));
      for (const [name, change] of changes) change.write(transaction.objectStore(name));
      if (!changes.some(([, change]) => change.reads)) transaction.commit();
    } catch (error) {
      transaction?.abort();
      failed(error);
      return;
    }
    transaction.oncomplete = () => {
      for (const [, change] of changes) change.done?.();
      complete();
    };
    transaction.onabort = () => {
      if (seat.error?.name === 'ConstraintError') this.#superseded('another tab became the broker');
      else failed(transaction.error);
    };
  }

  /** Fails, and the transaction with it, where another has the seat. */
  #sit(writer) {
    return writer.put({ epoch: this.#epoch, [SEAT]: 1 });
  }

  /** What becomes of the stores: `write`, and `done` when that is durable; `reads` where writing waits for what is read. */
  #changes({ image, log, messages, history, forgotten, retained, settings, ticket }) {
    const needed = new Set(image?.messages);
    const left = image ? this.#messages.leftOf(image.upTo, image.messages) : new Map();
    const isNeeded = position => !image || position > image.upTo || needed.has(position);
    const gone = new Set(forgotten);
    // In trouble nothing is written that only makes things smaller some day.
    const isRoom = this.#trouble === 0;
    return [
      ['messages', this.#messages.change(messages, left, isNeeded, isRoom)],
      ['history', this.#history.change(history, this.#history.leftWithout(gone), position => !gone.has(position), isRoom)],
      ['log', { write: store => writeLog(store, log, image) }],
      ['image', { write: store => image && writeImage(store, image) }],
      ['retained', { write: store => writeRetained(store, retained) }],
      ['meta', { write: store => writeMeta(store, { folded: image?.upTo, settings, next: ticket }) }],
    ];
  }

  #failed(batch, error) {
    this.#writing = false;
    this.#underWay = null;
    const all = Batch.joined([batch, ...this.#pending]);
    // What was promised waits; what was not is given up, so that what waits has an end however long it lasts.
    all.history = [];
    this.#pending = [all];
    if (!this.#told) {
      this.#giveUp();
      return;
    }
    this.#timer = setTimeout(() => this.#tryAgain(), RETRY_MILLIS);
    if (error?.name === 'QuotaExceededError') {
      // Said each time, since each time some history goes.
      this.#tell(QUOTA_EXCEEDED, 'the storage of this origin is full');
      this.#evict();
    } else if (this.#trouble !== IMPLEMENTATION_SPECIFIC_ERROR) this.#tell(IMPLEMENTATION_SPECIFIC_ERROR, String(error));
    this.#idle?.();
  }

  #tryAgain() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#write();
  }

  /** History goes in a transaction that needs no room; then the rest is tried again, at once. */
  #evict() {
    const gone = new Set(this.#evicted);
    this.#evicted = [];
    if (gone.size === 0) return;
    const change = this.#history.change([], this.#history.leftWithout(gone), position => !gone.has(position), false);
    const complete = () => {
      if (this.#timer !== 0) this.#tryAgain();
    };
    this.#transact([['history', change]], complete, () => {});
  }

  #tell(reason, why) {
    this.#trouble = reason;
    this.#told?.trouble(reason, why);
  }

  #superseded(why) {
    const told = this.#told;
    this.#giveUp();
    this.#database.close();
    told?.superseded(why);
    this.#idle?.();
  }

  /** Nothing is written any more. */
  #giveUp() {
    this.#told = null;
    const all = Batch.joined(this.#underWay ? [this.#underWay, ...this.#pending] : this.#pending);
    this.#pending = [];
    this.#underWay = null;
    for (const { givenUp } of all.waiting) givenUp(ended());
  }

  #transaction() {
    return this.#database.transaction(STORES, 'readwrite', { durability: 'strict' });
  }

  /** Waits for what is being written; in trouble nothing is, and nobody was promised what is left. */
  async close() {
    if (this.#told && this.#trouble === 0 && (this.#writing || this.#pending.length > 0)) await new Promise(resolve => (this.#idle = resolve));
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#giveUp();
    this.#database.close();
  }
}

function ended() {
  return new Error('the broker has ended, and stores nothing any more');
}

function writeLog(store, log, image) {
  const upTo = image?.upTo ?? 0;
  if (image) store.delete(IDBKeyRange.upperBound([upTo, Infinity]));
  for (const group of grouped(log.filter(([position]) => position > upTo))) store.put(group, [group.at(-1)[0], group.length]);
}

function writeImage(store, { records }) {
  store.clear();
  for (const group of grouped(records)) store.add(group);
}

function writeRetained(store, retained) {
  for (const [topic, message] of new Map(retained)) {
    if (message) store.put(message, topic);
    else store.delete(topic);
  }
}

function writeMeta(store, values) {
  for (const [name, value] of Object.entries(values)) if (value) store.put(value, name);
}

function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function done(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'));
  });
}
