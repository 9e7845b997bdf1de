// SPDX-License-Identifier: Apache-2.0
// A tab: it has no connection of its own, but a port to the service worker, which has one for each tab.
import { byId, h, setText } from '../js/dom.js';
import { Messages } from '../js/messages.js';
import { registerServiceWorker } from '../js/service-worker.js';
import { newId, tabId } from '../js/tab.js';
import { script } from '../js/trusted.js';

/** The browser ends a service worker that heard no event for 30 seconds. */
const PING_MILLIS = 10_000;
const PONG_MILLIS = 2_000;
const KEY = 'courtier-lab:message-port';

const messages = new Messages(byId('messages'), byId('message-count'));
const subscriptions = new Map();
const waiting = new Map();
const errors = [];
const decoder = new TextDecoder();

let registration = null;
let port = null;
let wanted = null;
let tab = '';
let state = 'disconnected';
let queued = 0;
let restarts = 0;
let lastRequest = 0;
let lastPing = 0;
let unanswered = 0;
let pingAt = 0;
let connectedWith = null;
/** The number of the last message that is shown here. */
let seen = 0;
/** In which of the worker's stores; each has numbers of its own. */
let seenIn = null;

// ---- the service worker

const SW_STATES = { none: 'Not registered', registered: 'Registered', ready: 'Ready', error: 'Error' };

function showWorker(now, why = '') {
  const badge = byId('sw-status');
  badge.dataset.state = now;
  const classic = badge.dataset.kind === 'classic' ? ' (classic script)' : '';
  setText(badge, SW_STATES[now] + classic + (why ? `: ${why}` : ''));
}

async function register() {
  if (!('serviceWorker' in navigator)) {
    showWorker('error', 'browsers have service workers on https and localhost only');
    return;
  }
  try {
    const registered = await registerServiceWorker();
    registration = registered.registration;
    byId('sw-status').dataset.kind = registered.kind;
    showWorker('registered');
    navigator.serviceWorker.addEventListener('message', fromWorker);
    navigator.serviceWorker.startMessages();
    await navigator.serviceWorker.ready;
    await active();
    const { data } = await new Promise((resolve, reject) => {
      const channel = new MessageChannel();
      const timer = setTimeout(() => reject(new Error('it does not answer')), 15_000);
      channel.port1.onmessage = ({ data }) => {
        clearTimeout(timer);
        channel.port1.close();
        resolve(data);
      };
      post({ type: 'INIT_WASM' }, [channel.port2]);
    });
    byId('sw-status').dataset.runtime = data.runtime;
    showWorker('ready');
    byId('connect-btn').disabled = false;
    beat();
  } catch (error) {
    showWorker('error', error.message);
  }
}

/** After a hard reload no worker controls the page: it is there all the same. */
async function active() {
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  if (worker.state === 'activated') return;
  await new Promise(resolve => {
    worker.addEventListener('statechange', () => worker.state === 'activated' && resolve());
  });
}

function post(message, transfer = []) {
  registration.active.postMessage(message, transfer);
}

function fromWorker({ data: { type, data } }) {
  if (type !== 'PONG') return;
  unanswered = 0;
  if (data.n !== lastPing || !wanted || data.known) return;
  // It was ended, and started again for our ping: it knows nothing of us.
  restarts++;
  setText(byId('sw-restarts'), `· SW restarted${restarts > 1 ? ` ${restarts} times` : ''}`);
  openPort(true);
}

function beat() {
  const clock = new Worker(script('beat-worker.js', import.meta.url));
  clock.onmessage = () => {
    const now = performance.now();
    if (unanswered > 0 && now - pingAt > PONG_MILLIS && wanted) {
      unanswered = 0;
      openPort(true);
    }
    if (now - pingAt >= PING_MILLIS) ping();
  };
}

function ping() {
  pingAt = performance.now();
  unanswered++;
  post({ type: 'PING', data: { tabId: tab, n: ++lastPing } });
}

// ---- the connection

/** Gives the worker a port, and has it connect, or go on where it was. */
function openPort(resume) {
  port?.close();
  const channel = new MessageChannel();
  port = channel.port1;
  port.onmessage = ({ data }) => heard(data);
  const { clientId, brokerUrl, userName, password, queueQoS0, pooled } = wanted;
  post(
    { type: 'CONNECT_TAB', data: { tabId: tab, clientId, brokerUrl, options: { userName, password, queueQoS0, pooled, resume, seen } } },
    [channel.port2],
  );
  // What was asked and not answered is asked again; the session tells what it has already.
  for (const { message } of waiting.values()) port.postMessage(message);
}

function heard({ type, data = {}, requestId }) {
  const asked = waiting.get(requestId);
  if (asked) waiting.delete(requestId);
  switch (type) {
    case 'CONNECTED':
      showState('connected');
      connectedWith = data;
      restoreSubscriptions(data.sessionPresent);
      break;
    case 'STATE':
      showState(data.state === 'ended' ? 'disconnected' : data.state);
      showQueue(data.queued);
      break;
    case 'MESSAGE':
      // Of the port before, perhaps.
      if (data.number <= seen) break;
      seen = data.number;
      messages.add({
        dir: 'received',
        ...data,
        text: decoder.decode(data.payload),
        facts: data.lost ? 'not kept' : data.stored ? 'kept' : '',
      });
      break;
    case 'ERROR':
      if (asked) asked.failed(Object.assign(new Error(data.message), data));
      else if (data.while === 'CONNECT_TAB') failed(data);
      else say(data.message, data.reasonCode);
      break;
    default:
      asked?.done(data);
  }
}

function failed({ message, reasonCode }) {
  say(message, reasonCode);
  wanted = null;
  port?.close();
  port = null;
  showState('disconnected');
}

function ask(type, data) {
  if (!port) return Promise.reject(new Error('not connected'));
  const requestId = ++lastRequest;
  const message = { type, data, requestId };
  return new Promise((done, bad) => {
    waiting.set(requestId, { message, done, failed: bad });
    port.postMessage(message);
  });
}

async function restoreSubscriptions(sessionPresent) {
  for (const [filter, { qos }] of subscriptions) {
    await attempt(() => ask('SUBSCRIBE', { topic: filter, qos, retainHandling: sessionPresent ? 1 : 0 }));
  }
  showSubscriptions();
}

// ---- what is shown

const STATES = { connected: 'Connected', connecting: 'Connecting', reconnecting: 'Reconnecting', disconnected: 'Disconnected' };

function showState(now) {
  state = now;
  document.body.dataset.state = now;
  const badge = byId('connection-status');
  badge.dataset.state = now;
  setText(badge, now === 'connected' ? `Connected (Tab ${tab})` : (STATES[now] ?? now));
  byId('connect-btn').disabled = wanted !== null || byId('sw-status').dataset.state !== 'ready';
  byId('disconnect-btn').disabled = wanted === null;
}

function showQueue(count) {
  queued = count;
  const badge = byId('queue-status');
  badge.hidden = count === 0;
  badge.dataset.queued = String(count);
  setText(badge, `${count} wait to be sent`);
}

function say(text, reasonCode) {
  const full = reasonCode ? `${text} (0x${reasonCode.toString(16)})` : text;
  errors.push(full);
  setText(byId('errors'), full);
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
  setText(byId('errors'), '');
  try {
    return await task();
  } catch (error) {
    say(error.message, error.reasonCode);
    return undefined;
  }
}

function connect() {
  if (wanted) return;
  wanted = {
    clientId: byId('client-id').value || `tab-${tab}`,
    brokerUrl: byId('broker-url').value,
    userName: byId('user-name').value,
    password: byId('password').value,
    queueQoS0: byId('queue-qos0').checked,
    pooled: byId('pooled').checked,
  };
  const store = `${wanted.pooled} ${wanted.brokerUrl}`;
  if (store !== seenIn) seen = 0;
  seenIn = store;
  setText(byId('errors'), '');
  showState('connecting');
  openPort(false);
  remember();
}

function disconnect() {
  post({ type: 'DISCONNECT_TAB', data: { tabId: tab } });
  // Its store is thrown away: the next one begins anew.
  seenIn = null;
  port?.close();
  port = null;
  wanted = null;
  subscriptions.clear();
  waiting.clear();
  showSubscriptions();
  showQueue(0);
  showState('disconnected');
  remember();
}

async function subscribe(topic, qos) {
  const granted = await attempt(() => ask('SUBSCRIBE', { topic, qos }));
  if (!granted) return;
  subscriptions.set(topic, { qos: granted.qos });
  showSubscriptions();
  remember();
}

async function unsubscribe(topic) {
  await attempt(() => ask('UNSUBSCRIBE', { topic }));
  subscriptions.delete(topic);
  showSubscriptions();
  remember();
}

/** Named, so that asking again, of a worker that was started again, publishes it once. */
function askToPublish(topic, payload, options) {
  return ask('PUBLISH', { topic, payload, id: `${tab}-${newId()}`, ...options });
}

async function publish(topic, payload, options) {
  const published = await attempt(() => askToPublish(topic, payload, options));
  messages.add({ dir: published ? 'sent' : 'failed', topic, text: payload, ...options });
  return published;
}

/** For a reload: never a password. */
function remember() {
  const { password, ...rest } = wanted ?? {};
  void password;
  sessionStorage.setItem(KEY, JSON.stringify({ wanted: wanted ? rest : null, subscriptions: [...subscriptions] }));
}

function on(id, task) {
  byId(id).addEventListener('submit', event => {
    event.preventDefault();
    task();
  });
}

on('connect-form', connect);
byId('disconnect-btn').addEventListener('click', disconnect);
on('subscribe-form', () => subscribe(byId('subscribe-topic').value, Number(byId('subscribe-qos').value)));
on('publish-form', () =>
  publish(byId('publish-topic').value, byId('publish-payload').value, {
    qos: Number(byId('publish-qos').value),
    retain: byId('publish-retain').checked,
  }),
);
byId('clear-messages').addEventListener('click', () => messages.clear());

// A worker is not always told: the clients there listen to these events, whoever sends them.
for (const change of ['online', 'offline']) {
  addEventListener(change, () => registration?.active?.postMessage({ type: 'NETWORK', data: { online: change === 'online' } }));
}

// The session stays: the tab may come back.
addEventListener('pagehide', () => {
  if (wanted) post({ type: 'DISCONNECT_TAB', data: { tabId: tab, idle: true } });
});
addEventListener('pageshow', ({ persisted }) => persisted && wanted && openPort(true));

// ---- the beginning

globalThis.courtier = {
  state: () => ({
    tab, state, queued, restarts, errors, connectedWith,
    worker: byId('sw-status').dataset.state,
    received: messages.total,
    subscriptions: [...subscriptions.keys()],
    pending: waiting.size,
  }),
  publish: askToPublish,
  connect,
  disconnect,
  subscribe,
  unsubscribe,
  ping,
};

tab = await tabId('courtier-lab:tab');
setText(byId('tab-id'), tab);
byId('broker-url').value = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/mqtt`;
byId('client-id').value = `tab-${tab}`;
showState('disconnected');
await register();

let before = null;
try {
  before = JSON.parse(sessionStorage.getItem(KEY));
} catch {
  // Somebody else's: begin anew.
}
if (before?.wanted && byId('sw-status').dataset.state === 'ready') {
  byId('broker-url').value = before.wanted.brokerUrl;
  byId('client-id').value = before.wanted.clientId;
  byId('user-name').value = before.wanted.userName;
  byId('pooled').checked = before.wanted.pooled === true;
  for (const [filter, options] of before.subscriptions) subscriptions.set(filter, options);
  if (before.wanted.userName === '') connect();
  else say('The password is not kept: give it, and connect again.');
}
