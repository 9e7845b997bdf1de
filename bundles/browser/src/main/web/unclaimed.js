// SPDX-License-Identifier: Apache-2.0
// Messages that came before the page said who wants them.

/**
 * A session from before may tell what waited in it as soon as there is a connection, and its page subscribes behind that.
 * Messages of QoS 1 and 2 that nobody took are held here, unacknowledged, until somebody does; the oldest goes where there are
 * too many, lest nothing more comes.
 */
export class Unclaimed {
  #max;
  #given;
  #held = [];

  /** @param given(message) one was acknowledged though nobody had taken it */
  constructor(max, given) {
    this.#max = max;
    this.#given = given;
  }

  hold(message, receipt) {
    this.#held.push({ message, receipt });
    if (this.#held.length > this.#max) this.#giveUp();
  }

  #giveUp() {
    const { message, receipt } = this.#held.shift();
    this.#given(message);
    receipt.release();
  }

  /** Gives those that somebody wants to whom it is that wants them, in their order. */
  claim(wants, take) {
    const claimed = this.#held.filter(({ message }) => wants(message));
    this.#held = this.#held.filter(each => !claimed.includes(each));
    for (const { message, receipt } of claimed) {
      take(message, receipt);
      receipt.release();
    }
  }

  /** The connection was lost: those of QoS 1 come again. */
  lost() {
    this.#held = this.#held.filter(({ message }) => message.qos === 2);
  }
}
