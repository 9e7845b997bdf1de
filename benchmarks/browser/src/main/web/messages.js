// SPDX-License-Identifier: Apache-2.0
// Messages through a broker in a tab.
import { CourtierBroker, CourtierClient, TabGroup, messagePort } from '/courtier/courtier.js';

const payload = new Uint8Array(64);
let group;
let client;

/** Two tabs: the first is the broker, and has a client like the other. */
export async function joinTabs({ tabId, runtime, store, channel }) {
  group = new TabGroup(channel, { tabId, broker: { runtime, store } });
  await group.join();
  client = new CourtierClient({ transport: group.transport(), runtime, clientId: tabId, inflightMaximum: 1000, receiveMaximum: 1000, queue: { messages: 5000 } });
  await client.connect();
  return group.role;
}

/** One page has both, and a port between them. */
export async function bothHere({ runtime, store, name }) {
  const broker = await CourtierBroker.open({ name, runtime, store });
  client = new CourtierClient({ transport: messagePort(() => broker.createPort()), runtime, clientId: 'both', inflightMaximum: 1000, receiveMaximum: 1000, queue: { messages: 5000 } });
  await client.connect();
  return broker.runtime;
}

/** Tells the publisher after each so many that they came. */
export async function receive({ qos, every }) {
  let came = 0;
  await client.subscribe('figures/messages', { qos }, () => {
    if (++came % every === 0) client.publish('figures/came', String(every));
  });
}

/** Messages a second, from the first publish until the last came; so many may be under way. */
export async function publish({ qos, count, window }) {
  let came = 0;
  let wake = () => {};
  const told = await client.subscribe('figures/came', message => {
    came += Number(message.text());
    wake();
  });
  const begun = performance.now();
  for (let sent = 0; sent < count; sent++) {
    while (sent - came >= window) await new Promise(done => (wake = done));
    client.publish('figures/messages', payload, { qos });
  }
  while (came < count) await new Promise(done => (wake = done));
  const took = performance.now() - begun;
  await told.unsubscribe();
  return (count * 1e3) / took;
}

export async function receiveNoMore() {
  await client.unsubscribe('figures/messages');
}

/** Milliseconds from publish() to the handler, both in this page, one after the other. */
export async function latency({ qos, count }) {
  let arrived;
  const subscription = await client.subscribe('figures/latency', { qos }, () => arrived());
  const all = [];
  for (let i = 0; i < count; i++) {
    const begun = performance.now();
    const coming = new Promise(done => (arrived = done));
    client.publish('figures/latency', payload, { qos });
    await coming;
    all.push(performance.now() - begun);
  }
  await subscription.unsubscribe();
  return all;
}
