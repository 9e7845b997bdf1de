// SPDX-License-Identifier: Apache-2.0
// Where a client keeps what is not finished, so that a page or a service worker that was killed can go on with it.

const RECORDS = 'records';
const NOTES = 'notes';
const INBOX = 'inbox';
const STORES = [RECORDS, NOTES, INBOX];
/** Identifiers of publications that are remembered: who asks again does so soon. */
const NOTES_MAX = 1_000;
/** What is kept of messages: the newest. */
const INBOX_MESSAGES = 1_000;
const INBOX_BYTES = 8 << 20;
const TRIM_EACH = 100;

/** One database for each name, with one owner at a time where the browser has locks. */
export class IndexedDbClientStore {
  #database;
  #release;
  #told = null;
  #steps = [];
  #ticket = 0;
  #asked = 0;
  #writing = null;
  #failed = false;
  #notes = new Map();
  #noted = 0;
  #inbox = 0;
  /** Who is told what becomes of what was kept: in the next transaction, and in the one that is under way. */
  #keeping = [];
  #waiting = [];

  constructor(database, release) {
    this.#database = database;
    this.#release = release;
    database.onversionchange = () => this.#fail('another page deletes the database, or brings a newer version');
  }

  static async open(name) {
    const release = await own(`courtier-client:${name}`);
    try {
      const database = await new Promise((ok, bad) => {
        const opening = indexedDB.open(`courtier-client:${name}`, 1);
        opening.onupgradeneeded = () => STORES.forEach(store => opening.result.createObjectStore(store));
        opening.onsuccess = () => ok(opening.result);
        opening.onerror = () => bad(opening.error);
        opening.onblocked = () => bad(new Error('the database is held open by another page'));
      });
      return new IndexedDbClientStore(database, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** [[number, record]...] */
  load() {
    return new Promise((ok, bad) => {
      const transaction = this.#database.transaction(STORES);
      const last = transaction.objectStore(INBOX).openKeyCursor(null, 'prev');
      const notes = transaction.objectStore(NOTES).getAll();
      const numbers = transaction.objectStore(NOTES).getAllKeys();
      const keys = transaction.objectStore(RECORDS).getAllKeys();
      const values = transaction.objectStore(RECORDS).getAll();
      transaction.oncomplete = () => {
        notes.result.forEach((id, i) => this.#notes.set(id, numbers.result[i]));
        this.#noted = numbers.result.at(-1) ?? 0;
        this.#inbox = last.result?.key ?? 0;
        ok(keys.result.map((number, i) => [number, values.result[i]]));
      };
      transaction.onabort = () => bad(transaction.error);
    });
  }

  begin(told) {
    this.#told = told;
  }

  /** Whether a publication with this identifier was stored. */
  knows(id) {
    return this.#notes.has(id);
  }

  /** The next commit stores one with this identifier. */
  note(id) {
    const number = ++this.#noted;
    this.#notes.set(id, number);
    this.#step((records, notes) => notes.put(id, number));
    if (this.#notes.size <= NOTES_MAX) return;
    const [[oldest, was]] = this.#notes;
    this.#notes.delete(oldest);
    this.#step((records, notes) => notes.delete(was));
  }

  /** It came to nothing. */
  unnote(id) {
    const number = this.#notes.get(id);
    if (number === undefined) return;
    this.#notes.delete(id);
    this.#step((records, notes) => notes.delete(number));
  }

  /**
   * Keeps a message in the transaction that says that it was received: called by a handler that returns at once, for QoS 2 it
   * is kept exactly once. Gives its number, and the promise that it is stored, which is broken where the store fails.
   */
  keep(message) {
    const number = ++this.#inbox;
    this.#step((records, notes, inbox) => inbox.put(message, number));
    if (number % TRIM_EACH === 0) this.#step((records, notes, inbox) => trim(inbox));
    const stored = new Promise((resolve, reject) => {
      if (this.#failed) reject(new Error('the store has failed'));
      else this.#keeping.push({ resolve, reject });
    });
    // Where the client writes nothing itself, as with QoS 0 and 1, it is written all the same.
    queueMicrotask(() => this.#writing || this.#failed || this.#steps.length === 0 || this.#write());
    return { number, stored };
  }

  /** What was kept behind a number, oldest first: [[number, message]...] */
  async inbox(behind = 0) {
    const store = this.#database.transaction(INBOX).objectStore(INBOX);
    const range = IDBKeyRange.lowerBound(behind, true);
    const [numbers, messages] = await Promise.all([store.getAllKeys(range), store.getAll(range)].map(result));
    return numbers.map((number, i) => [number, messages[i]]);
  }

  put(number, record) {
    this.#step(records => records.put(record, number));
  }

  remove(number) {
    this.#step(records => records.delete(number));
  }

  #step(step) {
    if (!this.#failed) this.#steps.push(step);
  }

  commit(ticket) {
    this.#asked = ticket;
    if (!this.#writing && !this.#failed) this.#write();
  }

  /** One transaction at a time, each with all that was asked for before it began. */
  #write() {
    const steps = this.#steps;
    const ticket = this.#asked;
    this.#waiting = this.#keeping;
    this.#keeping = [];
    this.#steps = [];
    let transaction;
    try {
      transaction = this.#database.transaction(STORES, 'readwrite', { durability: 'strict' });
      const records = transaction.objectStore(RECORDS);
      const notes = transaction.objectStore(NOTES);
      const inbox = transaction.objectStore(INBOX);
      for (const step of steps) step(records, notes, inbox);
    } catch (error) {
      this.#fail(String(error?.message ?? error));
      return;
    }
    this.#writing = new Promise(ended => {
      transaction.oncomplete = () => {
        this.#ticket = ticket;
        this.#writing = null;
        for (const { resolve } of this.#waiting) resolve();
        this.#waiting = [];
        if ((this.#asked > ticket || this.#steps.length > 0) && !this.#failed) this.#write();
        ended();
        this.#told?.stored(ticket);
      };
      transaction.onabort = () => {
        this.#writing = null;
        this.#fail(String(transaction.error?.message ?? 'the transaction was aborted'));
        ended();
      };
    });
  }

  #fail(why) {
    if (this.#failed) return;
    this.#failed = true;
    this.#steps = [];
    for (const { reject } of [...this.#waiting, ...this.#keeping]) reject(new Error(why));
    this.#waiting = this.#keeping = [];
    this.#told?.lost(why);
  }

  /** Throws away what there is: it is damaged, or stale. */
  discard() {
    return new Promise(done => {
      try {
        const transaction = this.#database.transaction(STORES, 'readwrite');
        for (const store of STORES) transaction.objectStore(store).clear();
        transaction.oncomplete = transaction.onabort = () => done();
      } catch {
        done();
      }
    });
  }

  /** Waits until all is written. */
  async close() {
    while (this.#writing) await this.#writing;
    this.#told = null;
    this.#database.close();
    this.#release();
  }
}

/** The newest stay, up to the bounds. */
function trim(inbox) {
  let messages = 0;
  let bytes = 0;
  inbox.openCursor(null, 'prev').onsuccess = ({ target: { result: cursor } }) => {
    if (!cursor) return;
    messages++;
    bytes += (cursor.value.payload?.length ?? 0) + 200;
    if (messages > INBOX_MESSAGES || bytes > INBOX_BYTES) cursor.delete();
    cursor.continue();
  };
}

function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Holds a lock until it is released; a killed owner releases it by that. */
async function own(name) {
  if (!globalThis.navigator?.locks) return () => {};
  return new Promise((ok, bad) => {
    navigator.locks
      .request(name, { ifAvailable: true }, lock => {
        if (!lock) throw new Error(`another client uses the store ${name}`);
        return new Promise(release => ok(release));
      })
      .catch(bad);
  });
}
