// SPDX-License-Identifier: Apache-2.0
/** Calls over a port, and events that come back: {id, op, args} there, {id, value} or {id, error} and {event, detail} back. */

export class Calls {
  #port;
  #waiting = new Map();
  #last = 0;
  #heard;
  #closed = null;

  /** @param heard (event, detail) */
  constructor(port, heard) {
    this.#port = port;
    this.#heard = heard;
    port.addEventListener('message', ({ data }) => {
      if (data.event) {
        this.#heard(data.event, data.detail);
        return;
      }
      const call = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if (!call) return;
      if ('error' in data) call.failed(Object.assign(new Error(data.error.message), data.error));
      else call.done(data.value);
    });
    port.start?.();
  }

  call(op, ...args) {
    if (this.#closed) return Promise.reject(new Error(this.#closed));
    const id = ++this.#last;
    return new Promise((done, failed) => {
      this.#waiting.set(id, { done, failed });
      this.#port.postMessage({ id, op, args });
    });
  }

  /** Nobody will answer any more. */
  close(why) {
    this.#closed = why;
    for (const { failed } of this.#waiting.values()) failed(new Error(why));
    this.#waiting.clear();
  }
}

/** Answers calls with the methods of an object. Gives the function that tells an event. */
export function answer(port, methods) {
  port.addEventListener('message', async ({ data: { id, op, args } }) => {
    try {
      if (!Object.hasOwn(methods, op)) throw new Error(`no call ${op}`);
      port.postMessage({ id, value: await methods[op](...args) });
    } catch (error) {
      const { message = String(error), name, reasonCode } = error ?? {};
      port.postMessage({ id, error: { message, name, reasonCode } });
    }
  });
  port.start?.();
  return (event, detail) => port.postMessage({ event, detail });
}
