// SPDX-License-Identifier: Apache-2.0
/** The filters of all tabs, counted, and which of them say it all. Pure. */

export class Filters {
  #counts = new Map();

  add(filter) {
    this.#counts.set(filter, (this.#counts.get(filter) ?? 0) + 1);
  }

  remove(filter) {
    const left = (this.#counts.get(filter) ?? 0) - 1;
    if (left > 0) this.#counts.set(filter, left);
    else this.#counts.delete(filter);
  }

  all() {
    return [...this.#counts.keys()];
  }

  /** Those that no other covers. */
  wanted() {
    const all = [...this.#counts.keys()];
    return all.filter((filter) => !all.some((other) => other !== filter && includes(other, filter)));
  }

  covers(topic) {
    return [...this.#counts.keys()].some((filter) => matches(filter, topic));
  }
}

/** Whether every topic of one filter is one of the other, too. [MQTT-4.7.1-2] [MQTT-4.7.1-3] */
export function includes(wide, narrow) {
  return walk(wide.split('/'), narrow.split('/'), (a, b) => a === b || (a === '+' && b !== '#'), narrow);
}

/** Whether a topic matches. [MQTT-4.7.3-1] */
export function matches(filter, topic) {
  return walk(filter.split('/'), topic.split('/'), (a, b) => a === b || a === '+', topic);
}

function walk(wide, narrow, sameLevel, text) {
  // Filters that begin with a wildcard say nothing of topics that begin with $. [MQTT-4.7.2-1]
  if (text.startsWith('$') && (wide[0] === '#' || wide[0] === '+')) return false;
  for (let at = 0; at < wide.length; at++) {
    if (wide[at] === '#') return true;
    if (at >= narrow.length || !sameLevel(wide[at], narrow[at])) return false;
  }
  return wide.length === narrow.length;
}
