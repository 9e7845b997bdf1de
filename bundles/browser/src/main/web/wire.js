// SPDX-License-Identifier: Apache-2.0
// What a client in the core has of its transport.

/** Connections by number, one after the other. Only the last counts: what is sent on another, or told of it, is void. */
export class Wire {
  #transport;
  #core;
  #link = null;
  #connection = 0;

  /** @param core opened(connection), received(connection, bytes) and closed(connection, why) */
  constructor(transport, core) {
    this.#transport = transport;
    this.#core = core;
  }

  /** Bytes that wait for the network; undefined where that cannot be told. */
  get buffered() {
    return this.#link?.buffered;
  }

  open(connection) {
    // The core's word that the one before is closed may still wait for a store.
    this.#link?.close();
    this.#connection = connection;
    this.#link = null;
    const current = () => connection === this.#connection;
    try {
      this.#link = this.#transport.open({
        opened: () => current() && this.#core.opened(connection),
        bytes: chunk => current() && this.#core.received(connection, chunk),
        closed: error => this.#closed(connection, error),
      });
    } catch (error) {
      this.#broken(connection, error);
    }
  }

  send(connection, bytes) {
    if (connection !== this.#connection) return;
    try {
      this.#link?.send(bytes);
    } catch (error) {
      this.#broken(connection, error);
    }
  }

  close(connection) {
    if (connection !== this.#connection) return;
    const link = this.#link;
    this.#link = null;
    link?.close();
  }

  /** In a task of its own: the core is in the middle of its turn. */
  #broken(connection, error) {
    queueMicrotask(() => this.#closed(connection, error));
  }

  #closed(connection, error) {
    if (connection !== this.#connection) return;
    this.#link = null;
    this.#core.closed(connection, error?.message ?? 'the other side closed the connection');
  }
}
