// SPDX-License-Identifier: Apache-2.0
// What an application has of a message, and of a subscription.

const utf8 = new TextDecoder();
const IMPLEMENTATION_SPECIFIC_ERROR = 0x83;

export class Message {
  constructor(fields) {
    Object.assign(this, fields);
  }

  text() {
    return utf8.decode(this.payload);
  }

  json() {
    return JSON.parse(this.text());
  }
}

/** Counts who has a message in hand: when the last gives it back, it is acknowledged. */
export class Receipt {
  #open = 1;
  #reason = 0;
  #acknowledge;

  constructor(acknowledge) {
    this.#acknowledge = acknowledge;
  }

  hold() {
    this.#open++;
    let held = true;
    return (reason = 0) => {
      if (!held) return;
      held = false;
      this.release(reason);
    };
  }

  release(reason = 0) {
    if (reason > this.#reason) this.#reason = reason;
    if (--this.#open === 0) this.#acknowledge(this.#reason);
  }
}

/** Gives a message to a handler; done at once, or when the promise that the handler gives is settled. */
export function handle(handler, message, done, failed, refuse = done) {
  const bad = error => {
    failed(error);
    refuse(IMPLEMENTATION_SPECIFIC_ERROR);
  };
  try {
    const result = handler(message);
    if (typeof result?.then === 'function') result.then(() => done(), bad);
    else done();
  } catch (error) {
    bad(error);
  }
}

/**
 * One subscription: filters, and where their messages go. With a handler each message is given to it; without one they wait
 * here for whoever iterates, and are acknowledged when the next is asked for.
 */
export class Subscription {
  number = 0;
  filters;
  granted = [];
  dropped = 0;
  #client;
  #handler;
  #manualAck;
  #capacity;
  #waiting = [];
  #wanted = null;
  #iterated = false;
  #ended = false;

  constructor(client, filters, handler, { manualAck = false, buffer = 1000 }) {
    if (!Number.isInteger(buffer) || buffer < 1) throw new RangeError('buffer is a number of messages from 1');
    this.#client = client;
    this.filters = filters;
    this.#handler = handler;
    this.#manualAck = manualAck;
    this.#capacity = buffer;
  }

  /** Internal: a message came. Gives whether somebody will handle it. */
  deliver(message, receipt, failed) {
    if (this.#ended) return false;
    const done = receipt.hold();
    if (this.#handler) {
      this.#handle(message, done, failed);
      return true;
    }
    if (!this.#iterated && this.#client.hasListeners('message')) {
      done();
      return false;
    }
    this.#waiting.push({ message, done });
    // QoS 1 and 2 are bounded by Receive Maximum; of QoS 0 the oldest goes.
    if (this.#waiting.length > this.#capacity) {
      const oldest = this.#waiting.findIndex(each => each.message.qos === 0);
      if (oldest >= 0) {
        this.#waiting.splice(oldest, 1)[0].done();
        this.dropped++;
      }
    }
    this.#wanted?.();
    return true;
  }

  #handle(message, done, failed) {
    if (this.#manualAck) message.ack = done;
    handle(this.#handler, message, this.#manualAck ? () => {} : done, failed, done);
  }

  /** Internal: nothing comes any more. */
  end() {
    this.#ended = true;
    if (!this.#iterated) for (const { done } of this.#waiting.splice(0)) done();
    this.#wanted?.();
  }

  unsubscribe() {
    return this.#client.unsubscribe(this);
  }

  async *[Symbol.asyncIterator]() {
    this.#iterated = true;
    try {
      for (;;) {
        while (this.#waiting.length === 0) {
          if (this.#ended) return;
          await new Promise(come => (this.#wanted = come));
          this.#wanted = null;
        }
        const { message, done } = this.#waiting.shift();
        try {
          yield message;
        } finally {
          done();
        }
      }
    } finally {
      this.#iterated = false;
    }
  }
}
