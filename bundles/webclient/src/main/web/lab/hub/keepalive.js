// SPDX-License-Identifier: Apache-2.0
/**
 * Takes the Keep Alive out of a CONNECT: browsers slow down the timers of hidden tabs, and stop those of frozen ones, and
 * whether a tab is there is told by its port and its lock. Pure.
 */

const MAX_LENGTH_BYTES = 4;

export class Patience {
  #head = new Uint8Array(0);
  #done = false;

  /** What of the bytes so far may go on. */
  of(chunk) {
    if (this.#done) return [chunk];
    const head = new Uint8Array(this.#head.length + chunk.length);
    head.set(this.#head);
    head.set(chunk, this.#head.length);
    this.#head = head;
    const at = keepAliveAt(head);
    if (at !== undefined && at + 1 >= head.length) return [];
    if (at !== undefined) head.fill(0, at, at + 2);
    this.#done = true;
    return [head];
  }
}

/** Where the two bytes are, or would be; undefined where it is no CONNECT, which the broker will say. [MQTT-3.1.2-10] */
function keepAliveAt(bytes) {
  if (bytes[0] !== 0x10) return undefined;
  let at = 1;
  while (at <= MAX_LENGTH_BYTES && bytes[at] >= 0x80) at++;
  if (at > MAX_LENGTH_BYTES) return undefined;
  // Behind the length: the protocol's name with its length, its level, and flags.
  const name = at + 1;
  if (name + 1 >= bytes.length) return bytes.length;
  return name + 2 + (bytes[name] << 8) + bytes[name + 1] + 2;
}
