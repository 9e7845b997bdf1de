// SPDX-License-Identifier: Apache-2.0
/**
 * Draws the rows of a log that are in sight, once for each frame at most, with elements that are used again. Follows the
 * newest until the reader scrolls up or pauses; from then on what is read stays where it is.
 */

import { h, setText } from './dom.js';
import { preview } from './payload.js';
import { text } from './texts.js';

const OVERSCAN = 6;
const TOPIC_SHOWN_MAX = 300;
const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hourCycle: 'h23' });

export class LogList {
  #log;
  #box;
  #sizer = h('div', { class: 'sizer', role: 'presentation' });
  #rows = [];
  #rowHeight = 0;
  #lastTop = 0;
  #frame = 0;
  #listener;

  following = true;
  /** Visible rows that came since the reader stopped following. */
  unseen = 0;
  selectedId = null;

  /** Tells its listener: drawn() after each frame, selected(row) with a row or undefined, opened(row). */
  constructor(box, log, listener) {
    this.#box = box;
    this.#log = log;
    this.#listener = listener;
    box.append(this.#sizer);
    box.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    box.addEventListener('click', (event) => this.#clicked(event));
    box.addEventListener('keydown', (event) => this.#pressed(event));
    new ResizeObserver(() => this.#measure()).observe(box);
  }

  /** Draws in the next frame, however often it is asked. */
  request() {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  /** What was added to the log: rows seen if all is shown, and those that went from its beginning. */
  added(visible, gone) {
    if (!this.following) {
      this.unseen += visible;
      if (gone) this.#moveTo(Math.max(0, this.#box.scrollTop - gone * this.#rowHeight));
    }
    this.request();
  }

  /** Other rows are shown than before. */
  replaced() {
    this.unseen = 0;
    this.request();
  }

  follow(following) {
    this.following = following;
    this.unseen = 0;
    this.request();
  }

  #measure() {
    const height = parseFloat(getComputedStyle(this.#box).getPropertyValue('--row-height'));
    if (height !== this.#rowHeight) for (const row of this.#rows) row.at = -1;
    this.#rowHeight = height;
    this.request();
  }

  #moveTo(top) {
    this.#box.scrollTop = top;
    this.#lastTop = this.#box.scrollTop;
  }

  #scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.#box;
    const atEnd = scrollTop + clientHeight >= scrollHeight - this.#rowHeight / 2;
    // Only upwards is meant: downwards is also what following does.
    if (scrollTop < this.#lastTop - 1 && !atEnd) this.following = false;
    else if (atEnd && scrollTop > this.#lastTop && !this.following) this.follow(true);
    this.#lastTop = scrollTop;
    this.request();
  }

  #draw() {
    this.#frame = 0;
    if (!this.#rowHeight) return this.#measure();
    const height = `${this.#log.length * this.#rowHeight}px`;
    if (this.#sizer.style.height !== height) this.#sizer.style.height = height;
    if (this.following) this.#moveTo(this.#sizer.offsetHeight - this.#box.clientHeight);
    const first = Math.max(0, Math.floor(this.#box.scrollTop / this.#rowHeight) - OVERSCAN);
    const last = Math.min(this.#log.length, Math.ceil((this.#box.scrollTop + this.#box.clientHeight) / this.#rowHeight) + OVERSCAN);
    this.#drawRange(first, Math.max(first, last));
    this.#listener.drawn();
  }

  /** A row keeps its element while it is in sight, so that one frame writes only what is new. */
  #drawRange(first, last) {
    const needed = last - first;
    while (this.#rows.length < needed) this.#rows.push(newRow());
    const shown = new Map(this.#rows.map((element) => [element.shownId, element]));
    const wanted = [];
    for (let at = first; at < last; at++) wanted.push(this.#log.at(at));
    const keeping = new Set(wanted.map((row) => shown.get(row.id)).filter(Boolean));
    const free = this.#rows.filter((element) => !keeping.has(element));
    const used = wanted.map((row) => shown.get(row.id) ?? free.pop());
    for (const element of free) takeOut(element);
    // In the document they stand as they are seen, for those who have it read to them.
    let next = this.#sizer.firstChild;
    wanted.forEach((row, i) => {
      const { root } = used[i];
      fillRow(used[i], row);
      this.#place(used[i], first + i, row);
      if (root === next) next = next.nextSibling;
      else this.#sizer.insertBefore(root, next);
    });
    const inSight = wanted.some((row) => row.id === this.selectedId);
    if (inSight) this.#box.setAttribute('aria-activedescendant', `message-${this.selectedId}`);
    else this.#box.removeAttribute('aria-activedescendant');
  }

  #place(element, at, row) {
    element.root.setAttribute('aria-selected', String(row.id === this.selectedId));
    if (element.at === at) return;
    element.at = at;
    element.root.style.transform = `translateY(${at * this.#rowHeight}px)`;
    element.root.setAttribute('aria-posinset', String(at + 1));
  }

  #clicked(event) {
    const root = event.target.closest('[role=option]');
    if (!root) return;
    const row = this.#log.at(this.#log.indexOf(Number(root.dataset.id)));
    this.select(row);
    if (row) this.#listener.opened(row);
  }

  #pressed(event) {
    const page = Math.max(1, Math.floor(this.#box.clientHeight / this.#rowHeight) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key in steps) this.step(steps[event.key]);
    else if (event.key === 'Enter' && this.selectedId !== null) this.#listener.opened(this.selected);
    else return;
    event.preventDefault();
  }

  get selected() {
    return this.selectedId === null ? undefined : this.#log.at(this.#log.indexOf(this.selectedId));
  }

  /** Selects the row so many further, the newest if none is selected. */
  step(by) {
    if (this.#log.length === 0) return;
    const from = this.selectedId === null ? -1 : this.#log.indexOf(this.selectedId);
    const at = from < 0 ? this.#log.length - 1 : Math.max(0, Math.min(this.#log.length - 1, from + by));
    this.select(this.#log.at(at));
    this.#reveal(at);
  }

  select(row) {
    this.selectedId = row?.id ?? null;
    this.#listener.selected(row);
    this.request();
  }

  #reveal(at) {
    const top = at * this.#rowHeight;
    const { scrollTop, clientHeight } = this.#box;
    if (top < scrollTop) this.#box.scrollTop = top;
    else if (top + this.#rowHeight > scrollTop + clientHeight) this.#box.scrollTop = top + this.#rowHeight - clientHeight;
  }
}

function newRow() {
  const part = (name, tag = 'span') => h(tag, { class: name });
  const parts = { time: part('time', 'time'), dir: part('dir'), topic: part('topic mono'), payload: part('payload mono'), marks: part('marks') };
  const root = h('div', { class: 'row', role: 'option' }, ...Object.values(parts));
  return { root, ...parts, shownId: null, shownState: '', at: -1 };
}

function takeOut(element) {
  element.shownId = null;
  element.at = -1;
  element.root.remove();
}

function fillRow(element, row) {
  const state = `${row.state} ${row.code}`;
  if (element.shownId === row.id && element.shownState === state) return;
  element.shownState = state;
  element.shownId = row.id;
  const { root } = element;
  root.id = `message-${row.id}`;
  root.className = row.hue === undefined ? 'row' : `row hue-${row.hue}`;
  Object.assign(root.dataset, { id: row.id, topic: row.topic, qos: row.qos, retain: row.retain, dup: row.dup, dir: row.dir, state: row.state });
  setText(element.time, TIME.format(row.time));
  element.time.dateTime = new Date(row.time).toISOString();
  setText(element.dir, row.dir === 'received' ? '↓' : '↑');
  element.dir.setAttribute('aria-label', text(`message.${row.dir}`));
  setText(element.topic, row.topic.slice(0, TOPIC_SHOWN_MAX));
  const words = row.payload.length ? preview(row.payload) : text('messages.empty');
  setText(element.payload, words);
  element.payload.classList.toggle('none', row.payload.length === 0);
  element.marks.replaceChildren(...marksOf(row));
}

function marksOf(row) {
  const marks = [h('span', { class: 'chip plain' }, text('subscribe.granted', { qos: row.qos }))];
  if (row.retain) marks.push(h('span', { class: 'chip note' }, text('message.retained')));
  if (row.dup) marks.push(h('span', { class: 'chip plain' }, text('message.dup')));
  const kinds = { pending: 'wait', acked: 'good', sent: 'plain', failed: 'bad', unheard: 'note' };
  if (row.dir === 'published') {
    const kind = row.state === 'acked' && row.code === 0x10 ? 'unheard' : row.state;
    marks.push(h('span', { class: `chip ${kinds[kind]}` }, text(`state.${kind}`)));
  }
  return marks;
}
