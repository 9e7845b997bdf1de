// SPDX-License-Identifier: Apache-2.0
// Where a client keeps what is not finished, so that a page or a service worker that was killed can go on with it.

const RECORDS = 'records';
const NOTES = 'notes';
/** Identifiers of publications that are remembered: who asks again does so soon. */
const NOTES_MAX = 1_000;

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
        opening.onupgradeneeded = () => [RECORDS, NOTES].forEach(store => opening.result.createObjectStore(store));
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
      const transaction = this.#database.transaction([RECORDS, NOTES]);
      const notes = transaction.objectStore(NOTES).getAll();
      const numbers = transaction.objectStore(NOTES).getAllKeys();
      const keys = transaction.objectStore(RECORDS).getAllKeys();
      const values = transaction.objectStore(RECORDS).getAll();
      transaction.oncomplete = () => {
        notes.result.forEach((id, i) => this.#notes.set(id, numbers.result[i]));
        this.#noted = numbers.result.at(-1) ?? 0;
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
    this.#steps.push((records, notes) => notes.put(id, number));
    if (this.#notes.size <= NOTES_MAX) return;
    const [[oldest, was]] = this.#notes;
    this.#notes.delete(oldest);
    this.#steps.push((records, notes) => notes.delete(was));
  }

  /** It came to nothing. */
  unnote(id) {
    const number = this.#notes.get(id);
    if (number === undefined) return;
    this.#notes.delete(id);
    this.#steps.push((records, notes) => notes.delete(number));
  }

  put(number, record) {
    this.#steps.push(records => records.put(record, number));
  }

  remove(number) {
    this.#steps.push(records => records.delete(number));
  }

  commit(ticket) {
    this.#asked = ticket;
    if (!this.#writing && !this.#failed) this.#write();
  }

  /** One transaction at a time, each with all that was asked for before it began. */
  #write() {
    const steps = this.#steps;
    const ticket = this.#asked;
    this.#steps = [];
    this.#writing = new Promise(ended => {
      let transaction;
      try {
        transaction = this.#database.transaction([RECORDS, NOTES], 'readwrite', { durability: 'strict' });
        const records = transaction.objectStore(RECORDS);
        const notes = transaction.objectStore(NOTES);
        for (const step of steps) step(records, notes);
      } catch (error) {
        this.#fail(String(error?.message ?? error));
        return ended();
      }
      transaction.oncomplete = () => {
        this.#ticket = ticket;
        this.#writing = null;
        if (this.#asked > ticket && !this.#failed) this.#write();
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
    this.#told?.lost(why);
  }

  /** Throws away what there is: it is damaged, or stale. */
  discard() {
    return new Promise(done => {
      try {
        const transaction = this.#database.transaction(RECORDS, 'readwrite');
        transaction.objectStore(RECORDS).clear();
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
