// SPDX-License-Identifier: Apache-2.0
/** The list of messages of a lab page: the newest on top, no more than it can show. */
import { h } from './dom.js';

const ROWS_MAX = 500;
const TEXT_MAX = 2_000;

export class Messages {
  #list;
  #count;
  #total = 0;
  #waiting = [];

  constructor(list, count) {
    this.#list = list;
    this.#count = count;
  }

  /** Draws what came since the last frame at once. */
  add(message) {
    this.#total++;
    this.#waiting.push(message);
    if (this.#waiting.length === 1) setTimeout(() => this.#draw(), 0);
  }

  #draw() {
    const rows = this.#waiting.slice(-ROWS_MAX).reverse().map(row);
    this.#waiting = [];
    this.#list.prepend(...rows);
    while (this.#list.childElementCount > ROWS_MAX) this.#list.lastElementChild.remove();
    this.#count.textContent = `(${this.#total})`;
  }

  clear() {
    this.#waiting = [];
    this.#total = 0;
    this.#list.replaceChildren();
    this.#count.textContent = '';
  }

  get total() {
    return this.#total;
  }
}

function row({ dir, topic, text, qos, retain, dup = false, facts = '', at = Date.now() }) {
  const time = new Date(at);
  const shown = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)} … (${text.length} characters)` : text;
  return h(
    'li',
    { 'data-dir': dir, 'data-topic': topic, 'data-qos': qos, 'data-retain': String(retain), 'data-dup': String(dup) },
    h('time', { datetime: time.toISOString() }, time.toLocaleTimeString(undefined, { hour12: false })),
    h('span', { class: 'facts' }, [dir, `QoS ${qos}`, retain ? 'retained' : '', facts].filter(Boolean).join(' · ')),
    h('span', { class: 'topic' }, topic),
    h('span', { class: 'payload' }, shown),
  );
}
