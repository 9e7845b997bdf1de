// SPDX-License-Identifier: Apache-2.0
// When it is a tab's turn to lead. A Web Lock decides: it goes with its holder, however that ends, and the next in the queue
// has it at once. A holder that sleeps keeps it, so who leads says so each second; when nothing is heard the lock is stolen.
// Without locks that silence decides alone. A tab has one term at a time: from its turn until nothing of its broker is left.

export const BEAT_MILLIS = 1_000;
const BEATS_MISSED = 3;
/** Who opens says so, but reading a large database may keep it from saying it again. */
const OPENING_MILLIS = 10_000;
/** Without locks: two rounds of listening before anybody leads. */
const LISTEN_MILLIS = 800;
/** How long a tab waits for each that is before it: they hear the same silence at the same moment. */
const TURN_MILLIS = 300;
/** Who looks so late was asleep itself, and heard nothing for that reason. */
const SLEPT_MILLIS = 2_000;

export class Election {
  #locks;
  #name;
  #lead;
  #leaving = null;
  #campaign = null;
  #waiting = null;
  #steals = false;
  #term = null;
  #heardAt = 0;
  #patience = 0;
  #lookedAt = 0;
  #excused = false;

  /**
   * @param locks null: there are none
   * @param name of the lock
   * @param lead leads until its signal is aborted, or ends before where it cannot; never rejects, and resolves when it has
   *     given up all that it had
   */
  constructor({ locks, name, lead }) {
    this.#locks = locks;
    this.#name = name;
    this.#lead = lead;
  }

  start() {
    this.#leaving = new AbortController();
    this.#lookedAt = performance.now();
    this.#steals = false;
    // Nobody was heard yet, nor looked for.
    this.heard();
    if (this.#locks) this.#campaign = this.#queue(this.#leaving.signal);
    else this.#patience = LISTEN_MILLIS;
  }

  /** Resolves when it does not lead any more. */
  async stop() {
    this.#leaving?.abort();
    this.resign();
    await this.#campaign;
  }

  /** Whether it is this tab's term: it leads, or is about to. */
  get isOn() {
    return this.#term !== null && !this.#term.signal.aborted;
  }

  /** Ends the term of this tab, if there is one: another leads. */
  resign() {
    this.#term?.abort();
  }

  /** Somebody leads, or opens what it needs to. */
  heard({ opening = false } = {}) {
    this.#heardAt = performance.now();
    this.#patience = opening ? OPENING_MILLIS : BEATS_MISSED * BEAT_MILLIS;
    this.#excused = false;
  }

  /** Whether nobody was heard for longer than who leads is ever silent. */
  get isSilent() {
    return !this.#term && performance.now() - this.#heardAt > this.#patience;
  }

  /**
   * To be called a few times in a second: does something about a silence.
   *
   * @param before how many others would do it first
   */
  look(before) {
    const now = performance.now();
    const slept = now - this.#lookedAt > SLEPT_MILLIS;
    this.#lookedAt = now;
    if (slept && !this.#excused) {
      // Once: timers that never come more often must not keep it from looking at all.
      this.heard();
      this.#excused = true;
    }
    if (!this.isSilent || now - this.#heardAt <= this.#patience + before * TURN_MILLIS) return;
    if (!this.#locks) this.#campaign = this.#serve(this.#leaving.signal);
    else if (!this.#steals) {
      this.#steals = true;
      this.#waiting.abort();
    }
  }

  /** Waits for its turn, again and again: the only place that asks for the lock. */
  async #queue(leaving) {
    while (!leaving.aborted) {
      const waiting = (this.#waiting = new AbortController());
      const signal = AbortSignal.any([waiting.signal, leaving]);
      let term = null;
      try {
        await this.#locks.request(this.#name, this.#steals ? { steal: true } : { signal }, () => (term = this.#serve(leaving)));
      } catch {
        // Another stole it, or it is to be stolen, or it cannot be had.
        if (term) this.resign();
        else await pause(BEAT_MILLIS, signal);
      }
      await term;
    }
  }

  async #serve(leaving) {
    this.#steals = false;
    if (leaving.aborted) return;
    const term = (this.#term = new AbortController());
    await this.#lead(term.signal);
    this.#term = null;
    // Whoever is next has the time that anybody has; who cannot lead lets all others try.
    this.heard();
    if (!term.signal.aborted) this.#patience = 2 * OPENING_MILLIS;
  }
}

export function aborted(signal) {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Waits so long, or until it is aborted. */
export async function pause(millis, signal) {
  let timer = 0;
  await Promise.race([aborted(signal), new Promise(resolve => (timer = setTimeout(resolve, millis)))]);
  clearTimeout(timer);
}
