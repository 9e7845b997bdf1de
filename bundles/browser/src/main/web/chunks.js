// SPDX-License-Identifier: Apache-2.0
// Chunks of a byte stream, on their way out: a message between tabs costs far more than the bytes in it.

/** What is added in one task goes as one piece. */
export class Chunks {
  #waiting = [];
  #give;

  constructor(give) {
    this.#give = give;
  }

  add(chunk) {
    this.#waiting.push(chunk);
    if (this.#waiting.length === 1) queueMicrotask(() => this.flush());
  }

  /** Gives what waits, now. */
  flush() {
    if (this.#waiting.length === 0) return;
    const chunks = this.#waiting;
    this.#waiting = [];
    this.#give(chunks.length === 1 ? chunks[0] : joined(chunks));
  }
}

function joined(chunks) {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
