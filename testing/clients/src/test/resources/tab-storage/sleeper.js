// SPDX-License-Identifier: Apache-2.0
// Writes, and sleeps in the middle of it until it is answered. Then it writes again.
import { IndexedDbStorage } from '/courtier/storage.js';

const storage = await IndexedDbStorage.open('sleeper');
await storage.load();
storage.begin({
  committed: ticket => postMessage(`committed ${ticket}`),
  trouble: (reason, why) => postMessage(why),
  superseded: () => postMessage('superseded'),
});
write(1, 7);
queueMicrotask(() => {
  const sleep = new XMLHttpRequest();
  sleep.open('GET', '/awake', false);
  sleep.send();
  write(2, 9);
});

function write(position, byte) {
  storage.log(position, new Uint8Array([byte]));
  storage.commit(position + 1);
}
