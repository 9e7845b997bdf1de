// SPDX-License-Identifier: Apache-2.0
// The page only draws: all else is in the worker of this tab.
import { byId, h, setText } from '../js/dom.js';
import { Messages } from '../js/messages.js';
import { Calls } from '../js/rpc.js';
import { registerServiceWorker } from '../js/service-worker.js';
import { newId, tabId } from '../js/tab.js';
import { script } from '../js/trusted.js';

const messages = new Messages(byId('messages'), byId('message-count'));
const subscriptions = new Map();
const parameters = new URLSearchParams(location.search);

let tab = '';
let worker = null;
let calls = null;
let joined = null;
let state = 'disconnected';
let role = 'none';
let members = [];
let broker = null;
let failovers = 0;
let storageTrouble = '';
const errors = [];

// ---- the worker

function start() {
  worker = new Worker(script('tab-worker.js', import.meta.url), { type: 'module' });
  worker.addEventListener('error', ({ message }) => {
    const why = `The worker of this tab failed: ${message || 'it could not be loaded'}`;
    say(why);
    // There is no message where there is no worker, and so nobody who would answer.
    if (!message) stop(why);
  });
  calls = new Calls(worker, heard);
}

/** With its worker a tab leaves at once, as far as others can see: its locks are free. */
function stop(why) {
  worker?.terminate();
  calls?.close(why);
  worker = null;
}

function heard(event, detail) {
  if (event === 'message') {
    const replayed = detail.userProperties.some(([name, value]) => name === 'replayed' && value === 'true');
    messages.add({ dir: 'received', ...detail, facts: replayed ? 'replayed' : '' });
  } else if (event === 'state') {
    showState(detail);
  } else if (event === 'role') {
    showRole(detail.role);
    showBroker(detail.broker);
  } else if (event === 'facts') {
    showBroker(detail.broker);
  } else if (event === 'members') {
    showMembers(detail);
  } else if (event === 'broker') {
    failovers++;
    showChannel();
  } else if (event === 'storage') {
    storageTrouble = detail.reason === 0 ? '' : detail.why;
    showStore(broker);
  } else if (event === 'outdated') {
    say('Another tab runs a newer version of this page: reload this tab.');
  } else if (event === 'bridge') {
    setText(byId('bridge-status'), detail.state === 'connected' ? 'Bridged' : `Bridge: ${detail.state} ${detail.why ?? ''}`);
    byId('bridge-status').dataset.state = detail.state;
  } else if (event === 'trouble') {
    say(detail);
  }
}

// ---- what is shown

function say(text) {
  errors.push(text);
  setText(byId('errors'), text);
}

function quiet() {
  setText(byId('errors'), '');
}

const STATES = { connected: 'Connected', connecting: 'Connecting', reconnecting: 'Reconnecting', disconnected: 'Disconnected', offline: 'Offline' };

function showState(now) {
  state = now;
  document.body.dataset.state = now;
  byId('connection-status').dataset.state = now;
  setText(byId('connection-status'), STATES[now] ?? now);
}

function showRole(now) {
  role = now;
  byId('role-status').dataset.role = now;
  setText(byId('role-status'), { broker: 'Role: Broker', client: 'Role: Client' }[now] ?? 'Role: none');
}

function showChannel() {
  const badge = byId('channel-status');
  badge.dataset.state = joined ? 'connected' : 'disconnected';
  setText(badge, joined ? `Channel ${joined.channel}` : 'Not on a channel');
  byId('connect-btn').disabled = joined !== null;
  byId('disconnect-btn').disabled = joined === null;
}

function showMembers(all) {
  members = all;
  byId('no-tabs').hidden = all.length > 0;
  byId('active-tabs').replaceChildren(
    ...all.map(({ tabId: id, clientId, isBroker, seen }) =>
      h(
        'li',
        { 'data-tab': id, 'data-role': isBroker ? 'broker' : 'client' },
        h('code', {}, id),
        h('span', { class: 'grow' }, clientId),
        h('span', { class: 'badge', 'data-role': isBroker ? 'broker' : 'client' }, isBroker ? 'Broker' : 'Client'),
        h('time', { class: 'soft', datetime: new Date(seen).toISOString() }, new Date(seen).toLocaleTimeString()),
      ),
    ),
  );
}

function showBroker(facts) {
  broker = facts;
  byId('broker-panel').hidden = !facts;
  showStore(facts);
  if (!facts) return;
  const { counters } = facts;
  byId('broker-facts').replaceChildren(
    ...Object.entries({ 'compiled to': facts.runtime === 'wasm' ? 'WebAssembly' : 'JavaScript', epoch: facts.epoch, ...counters }).flatMap(
      ([name, value]) => [h('dt', {}, name), h('dd', { 'data-fact': name }, String(value))],
    ),
  );
  const rules = byId('access-rules');
  if (document.activeElement !== rules && rules.dataset.seen !== String(facts.access)) {
    rules.value = facts.access ?? '';
    rules.dataset.seen = String(facts.access);
  }
  byId('users').replaceChildren(
    ...facts.users.map(name =>
      h('li', {}, h('span', { class: 'grow' }, name), h('button', { type: 'button', click: () => attempt(async () => showBroker((await calls.call('removeUser', name)).broker)) }, 'Remove')),
    ),
  );
}

function showStore(facts) {
  const badge = byId('store-status');
  badge.hidden = !facts;
  if (!facts) return;
  const why = storageTrouble || facts.storeWhy;
  const kept = facts.store === 'indexeddb' && !storageTrouble;
  setText(badge, kept ? 'Kept in IndexedDB' : `Not persistent${why ? `: ${why}` : ''}`);
  badge.dataset.state = kept ? 'ready' : 'error';
}

function showSubscriptions() {
  byId('subscriptions').replaceChildren(
    ...[...subscriptions].map(([filter, { qos }]) =>
      h(
        'li',
        { 'data-filter': filter },
        h('code', { class: 'grow' }, filter),
        h('span', { class: 'soft' }, `QoS ${qos}`),
        h('button', { type: 'button', class: 'unsubscribe', click: () => unsubscribe(filter) }, 'Unsubscribe'),
      ),
    ),
  );
}

// ---- what a person does

async function attempt(task) {
  quiet();
  try {
    return await task();
  } catch (error) {
    say(`${error.message}${error.reasonCode ? ` (0x${error.reasonCode.toString(16)})` : ''}`);
    return undefined;
  }
}

async function connect() {
  if (joined) return;
  if (!worker) start();
  joined = {
    channel: byId('channel-name').value,
    tabId: tab,
    clientId: byId('client-id').value || `tab-${tab}`,
    userName: byId('user-name').value,
    password: byId('password').value,
    keepSession: byId('keep-session').checked,
    withoutLocks: parameters.has('without-locks'),
    candidate: !parameters.has('no-candidate'),
  };
  showChannel();
  showState('connecting');
  const there = await attempt(() => calls.call('join', joined));
  if (!there) {
    joined = null;
    showState('disconnected');
    showRole('none');
    showChannel();
    return;
  }
  showRole(there.role);
  showBroker(there.broker);
  showState('connected');
  // The session knows its subscriptions; this page may not, after a reload.
  if (!there.sessionPresent) subscriptions.clear();
  else for (const [filter, options] of kept()) subscriptions.set(filter, options);
  for (const [filter, options] of subscriptions) await calls.call('subscribe', filter, { qos: options.qos, again: true });
  showSubscriptions();
  remember();
}

async function disconnect() {
  if (!joined) return;
  // Another may lead before the answer is here.
  showRole('none');
  await attempt(() => calls.call('leave'));
  joined = null;
  subscriptions.clear();
  showSubscriptions();
  showState('disconnected');
  showRole('none');
  showMembers([]);
  showBroker(null);
  showChannel();
  remember();
}

async function subscribe(filter, options) {
  const granted = await attempt(() => calls.call('subscribe', filter, options));
  if (!granted) return;
  subscriptions.set(filter, { qos: granted.qos });
  showSubscriptions();
  remember();
}

async function unsubscribe(filter) {
  await attempt(() => calls.call('unsubscribe', filter));
  subscriptions.delete(filter);
  showSubscriptions();
  remember();
}

async function publish(topic, text, options) {
  const result = await attempt(() => calls.call('publish', topic, text, options));
  messages.add({ dir: result === undefined && byId('errors').textContent ? 'failed' : 'sent', topic, text, ...options });
  return result;
}

/** So that a reload goes on where it was: never a password. */
function remember() {
  sessionStorage.setItem(
    'courtier-lab:channel',
    JSON.stringify({ channel: joined?.channel ?? null, clientId: byId('client-id').value, subscriptions: [...subscriptions] }),
  );
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem('courtier-lab:channel'))?.subscriptions ?? [];
  } catch {
    return [];
  }
}

function on(id, task) {
  byId(id).addEventListener('submit', event => {
    event.preventDefault();
    task();
  });
}

on('connect-form', connect);
byId('disconnect-btn').addEventListener('click', disconnect);
on('subscribe-form', () =>
  subscribe(byId('subscribe-topic').value, { qos: Number(byId('subscribe-qos').value), replayLast: Number(byId('replay-last').value) }),
);
on('publish-form', () =>
  publish(byId('publish-topic').value, byId('publish-payload').value, {
    qos: Number(byId('publish-qos').value),
    retain: byId('publish-retain').checked,
  }),
);
byId('clear-messages').addEventListener('click', () => messages.clear());
on('access-form', () => attempt(async () => showBroker((await calls.call('setAccess', byId('access-rules').value)).broker)));
byId('access-none').addEventListener('click', () => attempt(async () => showBroker((await calls.call('setAccess', null)).broker)));
on('user-form', () =>
  attempt(async () => {
    showBroker((await calls.call('setUser', byId('add-user').value, byId('add-password').value)).broker);
    byId('add-password').value = '';
  }),
);
on('bridge-form', () =>
  attempt(async () => {
    await calls.call('bridge', { url: byId('bridge-url').value, filter: byId('bridge-filter').value, direction: byId('bridge-direction').value });
    byId('bridge-stop').disabled = false;
  }),
);
byId('bridge-stop').addEventListener('click', () =>
  attempt(async () => {
    await calls.call('unbridge');
    byId('bridge-stop').disabled = true;
  }),
);

// A page that waits in the cache for "back" must not hold what others need.
addEventListener('pagehide', () => {
  if (!joined) return;
  const control = new BroadcastChannel(`${joined.channel}-control`);
  control.postMessage({ type: 'GOODBYE', tabId: tab });
  control.close();
  stop('the tab has left the channel');
});
addEventListener('pageshow', event => {
  if (!event.persisted || !joined) return;
  joined = null;
  connect();
});

// ---- the beginning

globalThis.courtier = {
  state: () => ({ tab, state, role, joined: joined?.channel ?? null, members, broker, brokersSeen: failovers, received: messages.total, subscriptions: [...subscriptions.keys()], errors }),
  /** What the worker knows. */
  worker: () => calls.call('state'),
  connect,
  disconnect,
  subscribe,
  unsubscribe,
  publish: (topic, text, options) => calls.call('publish', topic, text, options),
  /** For tests: the worker does nothing for so long, as if the browser had stopped it. */
  hold: millis => worker.postMessage({ id: 0, op: 'hold', args: [millis] }),
};

const environment = [];
if (!navigator.locks)
  environment.push('This page was loaded over plain http: there are no Web Locks, so heartbeats decide who is the broker, which takes some seconds.');
if (!globalThis.indexedDB) environment.push('There is no IndexedDB: nothing outlives the last tab.');
setText(byId('environment'), environment.join(' '));

if ('serviceWorker' in navigator) {
  // It keeps these pages for when there is no network; what else it can is another page's matter.
  registerServiceWorker().catch(error => environment.push(`This page will not be there without a network: ${error.message}`));
}

tab = await tabId('courtier-lab:tab');
setText(byId('tab-id'), tab);
byId('client-id').value = parameters.get('client') ?? `tab-${tab}`;
byId('channel-name').value = parameters.get('channel') ?? byId('channel-name').value;
byId('bridge-url').value = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/mqtt`;
if (parameters.has('subscribe')) byId('subscribe-topic').value = parameters.get('subscribe');
start();
showChannel();
showMembers([]);
document.body.dataset.ready = newId();

let before = null;
try {
  before = JSON.parse(sessionStorage.getItem('courtier-lab:channel'));
} catch {
  // Somebody else's: begin anew.
}
if (before?.channel) {
  byId('channel-name').value = before.channel;
  connect();
}
