// SPDX-License-Identifier: Apache-2.0
/** Keeps the newest rows, as many as allowed, of as many bytes as allowed. Pure. */
export class Ring {
  #slots;
  #bytesMax;
  #first = 0;
  #size = 0;
  #bytes = 0;

  constructor(rowsMax, bytesMax) {
    this.#slots = new Array(rowsMax);
    this.#bytesMax = bytesMax;
  }

  get size() {
    return this.#size;
  }

  /** Adds a row and tells which rows had to go, oldest first. A row that is too large alone stays alone. */
  push(row) {
    const gone = [];
    if (this.#size === this.#slots.length) gone.push(this.#shift());
    this.#slots[(this.#first + this.#size++) % this.#slots.length] = row;
    this.#bytes += row.bytes;
    while (this.#bytes > this.#bytesMax && this.#size > 1) gone.push(this.#shift());
    return gone;
  }

  #shift() {
    const row = this.#slots[this.#first];
    this.#slots[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.#slots.length;
    this.#size--;
    this.#bytes -= row.bytes;
    return row;
  }

  clear() {
    this.#slots.fill(undefined);
    this.#first = this.#size = this.#bytes = 0;
  }

  /** Oldest first. */
  *[Symbol.iterator]() {
    for (let i = 0; i < this.#size; i++) yield this.#slots[(this.#first + i) % this.#slots.length];
  }
}
