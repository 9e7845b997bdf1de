// SPDX-License-Identifier: Apache-2.0
// Connections for tabs. The browser ends this worker whenever it likes, and starts it for the next event: so all that counts is
// in IndexedDB, and whoever comes back goes on where it was.
import { provide, load } from '../../courtier/courtier.js';
import * as core from '../../courtier/core.js';
import { FILES, VERSION } from '../precache.js';
import { answered, kept } from './shell.js';
import { TabConnections } from './connections.js';

// A service worker may not import on demand.
provide(core);

const connections = new TabConnections();

self.addEventListener('install', event => event.waitUntil(kept(VERSION, FILES).then(() => self.skipWaiting())));

self.addEventListener('activate', event => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', event => {
  const answer = answered(event.request, VERSION);
  if (answer) event.respondWith(answer);
});

self.addEventListener('message', event => {
  const { type, data = {} } = event.data ?? {};
  const [port] = event.ports;
  switch (type) {
    case 'INIT_WASM':
      event.waitUntil(load().then(({ runtime }) => (port ?? event.source)?.postMessage({ type: 'WASM_READY', data: { runtime, version: VERSION } })));
      break;
    case 'CONNECT_TAB':
      event.waitUntil(connections.connect(data, port));
      break;
    case 'DISCONNECT_TAB':
      event.waitUntil(connections.disconnect(data));
      break;
    case 'PING':
      event.waitUntil(
        connections.look().then(() => event.source?.postMessage({ type: 'PONG', data: { n: data.n, known: connections.has(data.tabId), version: VERSION } })),
      );
      break;
    case 'NETWORK':
      self.dispatchEvent(new Event(data.online === true ? 'online' : 'offline'));
      break;
    case 'UNREGISTER':
      event.waitUntil(self.registration.unregister());
      break;
    default:
      port?.postMessage({ type: 'ERROR', data: { message: `no message type ${String(type)}` } });
  }
});

// Browsers that have it call when there is a network again, even without a tab.
self.addEventListener('sync', event => event.waitUntil(connections.flush()));
