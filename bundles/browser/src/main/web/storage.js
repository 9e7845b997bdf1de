// SPDX-License-Identifier: Apache-2.0
// Where a broker keeps what is to outlive its tab. Both give the core the same: what is put between two commits becomes
// durable together, in the order of the commits.

export const QUOTA_EXCEEDED = 0x97;
export const IMPLEMENTATION_SPECIFIC_ERROR = 0x83;

const STORES = ['meta', 'image', 'log', 'messages', 'retained', 'history'];
const VERSION = 2;
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

/** One database for each broker. A broker that opens it later fences off one that still writes: see `superseded`. */
export class IndexedDbStorage {
  kind = 'indexeddb';
  #database;
  #epoch = 0;
  #ticket = 1;
  #settings = {};
  #told = null;
  #batch = [];
  #pending = [];
  /** Messages that are not in the database yet, by position. */
  #unsaved = new Map();
  #writing = false;
  #trouble = 0;
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
      request.onupgradeneeded = () => {
        for (const store of STORES) {
          if (request.result.objectStoreNames.contains(store)) continue;
          request.result.createObjectStore(store, store === 'image' ? { autoIncrement: true } : undefined);
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
    const [epoch, next, folded, settings] = await Promise.all(
      [meta.get('epoch'), meta.get('next'), meta.get('folded'), meta.get('settings')].map(result),
    );
    this.#settings = settings ?? {};
    this.#ticket = next ?? 1;
    this.#epoch = (epoch ?? 0) + 1;
    meta.put(this.#epoch, 'epoch');
    const behind = IDBKeyRange.lowerBound(folded ?? 0, true);
    const [image, log, logKeys, messages, messageKeys, retained, past, pastKeys] = await Promise.all(
      [
        transaction.objectStore('image').getAll(),
        transaction.objectStore('log').getAll(behind),
        transaction.objectStore('log').getAllKeys(behind),
        transaction.objectStore('messages').getAll(behind),
        transaction.objectStore('messages').getAllKeys(behind),
        transaction.objectStore('retained').getAll(),
        transaction.objectStore('history').getAll(),
        transaction.objectStore('history').getAllKeys(),
      ].map(result),
    );
    await done(transaction);
    const records = image.map(({ position, record }) => [position, record]);
    for (let l = 0, m = 0; l < log.length || m < messages.length; ) {
      const fromLog = m === messages.length || (l < log.length && logKeys[l] < messageKeys[m]);
      records.push(fromLog ? [logKeys[l], log[l++]] : [messageKeys[m], messages[m++]]);
    }
    return { next: next ?? 1, records, retained, history: past.map((record, i) => [pastKeys[i], record]), settings: { ...this.#settings } };
  }

  /** @param told {committed(ticket), trouble(reason, why), superseded(why)} */
  begin(told) {
    this.#told = told;
  }

  /** Keeps what the broker of this name is to be given when it starts again. Resolves when it is durable. */
  setting(name, value) {
    this.#settings = { ...this.#settings, [name]: value };
    const settings = this.#settings;
    return new Promise(saved => {
      this.#pending.push({ ticket: this.#ticket, puts: [stores => stores('meta').put(settings, 'settings')], saved });
      this.#write();
    });
  }

  message(position, record) {
    this.#unsaved.set(position, record);
    this.#batch.push(stores => stores('messages').put(record, position));
  }

  log(position, record) {
    this.#batch.push(stores => stores('log').put(record, position));
  }

  retained(topic, message) {
    this.#batch.push(stores => (message ? stores('retained').put(message, topic) : stores('retained').delete(topic)));
  }

  history(position, record) {
    const put = stores => stores('history').put(record, position);
    put.mayBeMissed = true;
    this.#batch.push(put);
  }

  forgetHistory(position) {
    this.#batch.push(stores => stores('history').delete(position));
  }

  imageRecord(position, record) {
    this.#image ??= { records: [], messages: new Set() };
    this.#image.records.push({ position, record });
  }

  imageMessage(position) {
    this.#image ??= { records: [], messages: new Set() };
    this.#image.messages.add(position);
  }

  image(upTo) {
    const { records, messages } = this.#image ?? { records: [], messages: new Set() };
    this.#image = null;
    this.#batch.push(stores => {
      stores('image').clear();
      for (const record of records) stores('image').add(record);
      stores('log').delete(IDBKeyRange.upperBound(upTo));
      stores('meta').put(upTo, 'folded');
      stores('messages').getAllKeys(IDBKeyRange.upperBound(upTo)).onsuccess = event => {
        for (const position of event.target.result) if (!messages.has(position)) stores('messages').delete(position);
      };
    });
  }

  commit(ticket) {
    this.#ticket = ticket;
    this.#pending.push({ ticket, puts: this.#batch });
    this.#batch = [];
    this.#write();
  }

  read(position, index, found) {
    const unsaved = this.#unsaved.get(position);
    if (unsaved) {
      queueMicrotask(() => found(index, unsaved));
      return;
    }
    const request = this.#database.transaction('messages').objectStore('messages').get(position);
    request.onsuccess = () => found(index, request.result ?? null);
    request.onerror = event => {
      event.preventDefault();
      found(index, null);
    };
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
    const group = this.#pending;
    this.#pending = [];
    const { ticket } = group[group.length - 1];
    let transaction;
    let fenced = false;
    try {
      transaction = this.#transaction();
    } catch (error) {
      this.#failed(group, error);
      return;
    }
    const stores = name => transaction.objectStore(name);
    stores('meta').get('epoch').onsuccess = event => {
      // Another broker has opened the database since: whatever this one still says is void.
      if (event.target.result !== this.#epoch) {
        fenced = true;
        transaction.abort();
        return;
      }
      for (const { puts } of group) for (const put of puts) put(stores);
      stores('meta').put(ticket, 'next');
    };
    transaction.oncomplete = () => {
      this.#writing = false;
      for (const position of this.#unsaved.keys()) {
        if (position >= ticket) break;
        this.#unsaved.delete(position);
      }
      for (const { saved } of group) saved?.();
      if (this.#trouble !== 0) this.#tell(0, '');
      this.#told?.committed(ticket);
      this.#write();
    };
    transaction.onabort = () => {
      if (fenced) this.#superseded('another tab became the broker');
      else this.#failed(group, transaction.error);
    };
    transaction.onerror = event => event.preventDefault();
  }

  #failed(group, error) {
    this.#writing = false;
    this.#pending = [...group, ...this.#pending];
    const full = error?.name === 'QuotaExceededError';
    // Before anything that was promised waits, what was not is given up.
    if (full) for (const each of this.#pending) each.puts = each.puts.filter(put => !put.mayBeMissed);
    this.#tell(full ? QUOTA_EXCEEDED : IMPLEMENTATION_SPECIFIC_ERROR, full ? 'the storage of this origin is full' : String(error));
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#write();
    }, RETRY_MILLIS);
  }

  #tell(reason, why) {
    if (this.#trouble === reason) return;
    this.#trouble = reason;
    this.#told?.trouble(reason, why);
  }

  #superseded(why) {
    const told = this.#told;
    this.#told = null;
    this.#database.close();
    told?.superseded(why);
    this.#idle?.();
  }

  #transaction() {
    return this.#database.transaction(STORES, 'readwrite', { durability: 'strict' });
  }

  /** Waits for what is being written; in trouble nothing is, and nobody was promised what is left. */
  async close() {
    if (this.#told && this.#trouble === 0 && (this.#writing || this.#pending.length > 0)) await new Promise(resolve => (this.#idle = resolve));
    clearTimeout(this.#timer);
    this.#told = null;
    this.#database.close();
  }
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
