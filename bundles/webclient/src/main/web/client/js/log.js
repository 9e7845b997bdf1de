// SPDX-License-Identifier: Apache-2.0
/** All messages that came and went, and those of them that are to be seen. Pure: no page. */

import { Ring } from './ring.js';

export const ROWS_MAX = 10_000;
const BYTES_MAX = 64 * 1024 * 1024;

/** Removed rows stay in front of the array until they are this many, since removing each costs a move of all. */
const GONE_MAX = 4_096;

export class MessageLog {
  #ring;
  #visible = [];
  #gone = 0;
  #filter = () => true;
  #nextId = 1;

  /** Counted since the last clear, whatever is kept or seen. */
  counts = { received: 0, published: 0, dropped: 0 };

  constructor(rowsMax = ROWS_MAX, bytesMax = BYTES_MAX) {
    this.#ring = new Ring(rowsMax, bytesMax);
  }

  /** Adds a row; returns how many visible ones had to go. */
  add(row) {
    row.id = this.#nextId++;
    row.bytes = row.payload.length + 2 * row.topic.length + 256;
    this.counts[row.dir]++;
    let hidden = 0;
    for (const gone of this.#ring.push(row)) {
      this.counts.dropped++;
      if (this.#visible[this.#gone] !== gone) continue;
      this.#visible[this.#gone++] = undefined;
      hidden++;
    }
    if (this.#gone > GONE_MAX) {
      this.#visible.splice(0, this.#gone);
      this.#gone = 0;
    }
    if (this.#filter(row)) this.#visible.push(row);
    return hidden;
  }

  /** From now on shows the rows for which the filter is true. */
  show(filter) {
    this.#filter = filter;
    this.#visible = [];
    this.#gone = 0;
    for (const row of this.#ring) if (filter(row)) this.#visible.push(row);
  }

  clear() {
    this.#ring.clear();
    this.#visible = [];
    this.#gone = 0;
    this.counts = { received: 0, published: 0, dropped: 0 };
  }

  get kept() {
    return this.#ring.size;
  }

  get length() {
    return this.#visible.length - this.#gone;
  }

  /** The visible row at a place, or undefined. */
  at(index) {
    return index < 0 ? undefined : this.#visible[this.#gone + index];
  }

  /** Where a row is, or -1: ids grow, so that half of the rest can be left out each time. */
  indexOf(id) {
    let low = 0;
    let high = this.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.at(middle).id;
      if (found === id) return middle;
      if (found < id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
