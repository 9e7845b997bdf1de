// SPDX-License-Identifier: Apache-2.0
/* The worker of client.js: shared by the tabs of an origin, or, where there is none such, one for each tab. */

import { Channels } from './channels.js';

/** Of texts that only say something of the tab, and go no further. */
const ABOUT_TAB = /^\{"type":"(open|lock|close)"/;
const ABOUT_TAB_CHARACTERS_MAX = 2_000;
const NAME_CHARACTERS_MAX = 100;

const lock = `courtier.worker.${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
/** Only a lock that is held tells by its release that this worker is gone. */
const alive = new Promise((held) => {
  if (!navigator.locks) held();
  navigator.locks?.request(lock, () => {
    held();
    return new Promise(() => {});
  });
});

let channels = null;

function accept(port) {
  const tab = { port, connection: null };
  port.onmessage = ({ data, ports }) => receive(tab, data, ports);
  port.onclose = () => gone(tab);
  port.start();
}

function receive(tab, data, ports) {
  const about = aboutTab(data);
  if (about) learn(tab, about);
  else if (data?.type === 'mqtt' && ports[0]) theChannels().mqtt(ports[0]);
  else connectionOf(tab).receive(data);
}

/** Null where the text is for the channels, also if it makes no sense. */
function aboutTab(data) {
  if (typeof data !== 'string' || data.length > ABOUT_TAB_CHARACTERS_MAX || !ABOUT_TAB.test(data)) return null;
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

function learn(tab, { type, lock: theirs, options }) {
  if (type === 'close') gone(tab);
  // It is free again when the tab is gone, however that went.
  if (type === 'lock' && typeof theirs === 'string') {
    navigator.locks?.request(theirs, { mode: 'shared' }, () => gone(tab)).catch(() => {});
  }
  if (type !== 'open') return;
  theChannels(options ?? {});
  connectionOf(tab);
  alive.then(() => tab.port.postMessage(JSON.stringify({ type: 'opened', lock: navigator.locks && lock })));
}

/** The first to come says how things are to be. */
function theChannels({ name, persist, maxBytes, bridge } = {}) {
  channels ??= new Channels({
    name: typeof name === 'string' && name.length <= NAME_CHARACTERS_MAX ? name : undefined,
    persist: persist !== false,
    maxBytes: maxBytes > 0 ? Number(maxBytes) : undefined,
    bridge: typeof bridge?.url === 'string' ? bridge : null,
  });
  return channels;
}

function connectionOf(tab) {
  tab.connection ??= theChannels().connect((text) => tab.port.postMessage(text));
  return tab.connection;
}

function gone(tab) {
  tab.connection?.close();
  tab.port.close();
}

// At once, without waiting for anything: who comes early is not lost, and what it says waits in its port.
self.onconnect = ({ ports: [port] }) => accept(port);
self.onmessage = ({ data, ports: [port] }) => data?.type === 'connect' && accept(port);
