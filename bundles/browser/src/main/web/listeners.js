// SPDX-License-Identifier: Apache-2.0
// Who listens to which events.

/** A listener that throws keeps nobody else from hearing it: the browser is told. */
export class Listeners {
  #all = new Map();

  /** Gives the function that ends it. */
  on(event, listener) {
    if (!this.#all.has(event)) this.#all.set(event, new Set());
    this.#all.get(event).add(listener);
    return () => this.#all.get(event).delete(listener);
  }

  has(event) {
    return (this.#all.get(event)?.size ?? 0) > 0;
  }

  emit(event, detail) {
    for (const listener of [...(this.#all.get(event) ?? [])]) {
      try {
        listener(detail);
      } catch (error) {
        globalThis.reportError?.(error);
      }
    }
  }
}
