// SPDX-License-Identifier: Apache-2.0
/**
 * Intervals for MQTT.js's keep-alive that go on in a hidden tab, where a page's own timers may run once a minute. MQTT.js has
 * such timers too, from a worker made of a string, which the page's policy forbids. A worker beats; the page sees what is due.
 */

const address = new URL('beat.js', import.meta.url).href;

// The page's one policy: it makes this address, and takes nothing from anybody.
const trusted =
  self.trustedTypes?.createPolicy('courtier', { createScriptURL: () => address }).createScriptURL('') ?? address;

const due = new Map();
let nextId = 1;
let worker;

/** MQTT.js's option timerVariant. */
export const ticker = {
  set(task, millis) {
    const id = nextId++;
    due.set(id, { task, millis, at: performance.now() + millis });
    worker ??= start();
    return id;
  },

  clear(id) {
    due.delete(id);
    if (due.size > 0 || !worker) return;
    worker.terminate();
    worker = undefined;
  },
};

function start() {
  const beating = new Worker(trusted);
  beating.addEventListener('message', beat);
  return beating;
}

function beat() {
  const now = performance.now();
  for (const interval of [...due.values()]) {
    if (now < interval.at) continue;
    interval.at = now + interval.millis;
    interval.task();
  }
}
