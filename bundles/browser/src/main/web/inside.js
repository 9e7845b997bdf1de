// SPDX-License-Identifier: Apache-2.0
// A way to a broker of the same page or worker, without a port.

/** A transport. What the broker says arrives in a task of its own, like from anywhere else. */
export function inside(broker, options) {
  return {
    name: 'the broker of this tab',
    open(events) {
      let over = false;
      const connection = broker.connect(
        {
          bytes: chunk => queueMicrotask(() => over || events.bytes(chunk)),
          closed() {
            queueMicrotask(() => {
              if (over) return;
              over = true;
              events.closed(new Error('the broker closed the connection'));
            });
          },
        },
        options,
      );
      queueMicrotask(() => over || events.opened());
      return {
        send: chunk => over || connection.receive(chunk),
        close() {
          if (over) return;
          over = true;
          connection.lost();
        },
      };
    },
  };
}
