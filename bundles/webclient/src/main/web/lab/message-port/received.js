// SPDX-License-Identifier: Apache-2.0
// Messages that came, so that a tab that is opened again shows them: the last ones, up to a number, a weight and an age.

const DATABASE = 'courtier-lab-messages';
const MESSAGES_MAX = 1_000;
const BYTES_MAX = 8 << 20;
const AGE_MAX_MILLIS = 7 * 86_400_000;

export class Received {
  #database = null;
  #count = 0;

  #open() {
    this.#database ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => request.result.createObjectStore('messages', { autoIncrement: true }).createIndex('tabId', 'tabId');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return this.#database;
  }

  /** Gives the number that it has from now on. */
  async add(tabId, message) {
    const database = await this.#open();
    const number = await new Promise((resolve, reject) => {
      const transaction = database.transaction('messages', 'readwrite');
      const request = transaction.objectStore('messages').add({ tabId, ...message });
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
    if (++this.#count % 100 === 1) await this.#trim(database);
    return number;
  }

  /** Those of a tab behind a number, oldest first. */
  async of(tabId, behind = 0) {
    const database = await this.#open();
    return new Promise((resolve, reject) => {
      const index = database.transaction('messages').objectStore('messages').index('tabId');
      const keys = index.getAllKeys(tabId);
      const values = index.getAll(tabId);
      values.onsuccess = () =>
        resolve(
          values.result
            .map((message, i) => ({ ...message, number: keys.result[i] }))
            .filter(({ number }) => number > behind)
            .slice(-MESSAGES_MAX),
        );
      values.onerror = () => reject(values.error);
    });
  }

  async forget(tabId) {
    const database = await this.#open();
    await new Promise(resolve => {
      const transaction = database.transaction('messages', 'readwrite');
      const keys = transaction.objectStore('messages').index('tabId').getAllKeys(tabId);
      keys.onsuccess = () => keys.result.forEach(key => transaction.objectStore('messages').delete(key));
      transaction.oncomplete = transaction.onabort = resolve;
    });
  }

  /** The newest stay, up to the bounds. */
  #trim(database) {
    return new Promise(resolve => {
      const transaction = database.transaction('messages', 'readwrite');
      const oldest = Date.now() - AGE_MAX_MILLIS;
      let messages = 0;
      let bytes = 0;
      transaction.objectStore('messages').openCursor(null, 'prev').onsuccess = ({ target: { result: cursor } }) => {
        if (!cursor) return;
        messages++;
        bytes += cursor.value.payload.length + 200;
        if (messages > MESSAGES_MAX || bytes > BYTES_MAX || cursor.value.at < oldest) cursor.delete();
        cursor.continue();
      };
      transaction.oncomplete = transaction.onabort = resolve;
    });
  }
}
