// SPDX-License-Identifier: Apache-2.0
/* The worker of hub.js: a broker for the clients of all tabs, and one way up to the server. */

import { CourtierBroker } from '../../courtier/courtier.js';
import { Patience } from './keepalive.js';
import { Uplink } from './uplink.js';

const lock = `courtier.hub.worker.${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
const alive = new Promise((held) => {
  if (!navigator.locks) held();
  navigator.locks?.request(lock, () => {
    held();
    return new Promise(() => {});
  });
});

let hub = null;

/** The first tab says where the server is, and who they are there. */
function theHub(url, upstream) {
  hub ??= CourtierBroker.open({
    name: 'hub',
    store: 'memory',
    // Whoever may run scripts here is in already; a name and a password in its CONNECT say nothing more.
    authenticate: () => true,
    // A group's members are spread over the server's clients, so only the server can share among them.
    limits: { sharedSubscriptionAvailable: false },
  }).then((broker) => ({ broker, uplink: new Uplink(broker, url, upstream) }));
  return hub;
}

self.onconnect = ({ ports: [port] }) => {
  const tab = { port, connection: null, patience: new Patience(), isGone: false };
  const gone = () => {
    if (tab.isGone) return;
    tab.isGone = true;
    tab.connection?.lost();
    port.close();
  };
  port.onmessage = ({ data }) => {
    if (data === null) gone();
    else if (data instanceof Uint8Array) for (const chunk of tab.patience.of(data)) tab.connection?.receive(chunk);
    else if (typeof data === 'number') tab.connection?.consumed(data);
    else if (data?.type === 'lock') navigator.locks?.request(data.lock, { mode: 'shared' }, gone).catch(() => {});
    else if (data?.type === 'state') hub?.then(({ uplink }) => port.postMessage({ type: 'state', state: uplink.about }));
    else if (data?.type === 'connect') connect(tab, gone, data);
  };
  port.onclose = gone;
  port.start();
};

async function connect(tab, gone, { url, upstream }) {
  const { broker } = await theHub(url, upstream);
  await alive;
  if (tab.isGone) return;
  tab.connection = broker.connect(
    {
      bytes: (chunk) => tab.port.postMessage(chunk, [chunk.buffer]),
      closed: () => {
        tab.port.postMessage(null);
        gone();
      },
    },
    { listener: 'hub' },
  );
  // From now on the broker waits for a tab that takes nothing.
  tab.connection.consumed(0);
  tab.port.postMessage({ type: 'open', lock: navigator.locks && lock });
}
