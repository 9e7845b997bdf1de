// SPDX-License-Identifier: Apache-2.0
// One client, one WebSocket. It connects again by itself, and what it subscribed to is subscribed again.
import { CourtierClient, webSocket } from '../../courtier/courtier.js';
import { byId, h, setText } from '../js/dom.js';
import { Messages } from '../js/messages.js';
import { tabId } from '../js/tab.js';

const CLIENT_ID = 'courtier-lab:websocket-client';
const STATES = { connected: 'Connected', connecting: 'Connecting', disconnected: 'Disconnected' };

const messages = new Messages(byId('messages'), byId('message-count'));
const subscriptions = new Map();
const errors = [];
let client = null;
let state = 'disconnected';
let connections = 0;
let sessionPresent = false;
let received = 0;

// ---- what is shown

function say(text) {
  errors.push(text);
  setText(byId('errors'), text);
}

function show(now, more = '') {
  state = now;
  document.body.dataset.state = now;
  byId('connection-status').dataset.state = now;
  setText(byId('connection-status'), `${STATES[now] ?? 'Reconnecting'}${more}`);
  byId('connect-btn').disabled = client !== null;
  byId('disconnect-btn').disabled = client === null;
  byId('session-status').hidden = now !== 'connected';
  setText(byId('session-status'), sessionPresent ? 'session resumed' : 'new session');
}

function showSubscriptions() {
  byId('subscriptions').replaceChildren(
    ...[...subscriptions].map(([filter, { qos }]) =>
      h(
        'li',
        { 'data-filter': filter, 'data-qos': qos },
        h('span', { class: 'grow' }, filter),
        h('span', { class: 'soft' }, `QoS ${qos}`),
        h('button', { type: 'button', click: () => unsubscribe(filter) }, 'Unsubscribe'),
      ),
    ),
  );
}

function facts({ userProperties = [] }) {
  return userProperties.map(([name, value]) => `${name}: ${value}`).join(', ');
}

/** Bytes that are no text are shown as what they are. */
function readable(payload) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    return Array.from(payload, byte => byte.toString(16).padStart(2, '0')).join(' ');
  }
}

// ---- what is done

/** Gives what a task gives; what goes wrong is said. */
async function attempt(task) {
  setText(byId('errors'), '');
  try {
    return await task();
  } catch (error) {
    say(error.message);
    return undefined;
  }
}

function options() {
  const number = id => Number(byId(id).value);
  const willTopic = byId('will-topic').value;
  const version = number('version');
  return {
    transport: webSocket(byId('broker-url').value),
    version,
    clientId: byId('client-id').value,
    userName: byId('user-name').value || null,
    password: byId('password').value || null,
    cleanStart: byId('clean-start').checked,
    keepAlive: number('keep-alive'),
    ...(version === 5 ? { sessionExpiryInterval: number('session-expiry') } : {}),
    will: willTopic
      ? { topic: willTopic, payload: byId('will-payload').value, qos: number('will-qos'), retain: byId('will-retain').checked }
      : null,
  };
}

function connect() {
  return attempt(async () => {
    if (client) return undefined;
    if (location.protocol === 'https:' && byId('broker-url').value.startsWith('ws:'))
      throw new Error('A page that came by https may not open ws: addresses. Use wss:.');
    if (byId('client-id').value === '') byId('client-id').value = `tab-${tab}`;
    sessionStorage.setItem(CLIENT_ID, byId('client-id').value);
    const ours = new CourtierClient(options());
    client = ours;
    show('connecting');
    listen(ours);
    try {
      return await ours.connect();
    } catch (error) {
      await disconnect();
      if (error.kind !== 'lost') throw new Error(inWords(error));
      throw new Error(`${error.message}. ${await cause()}`);
    }
  });
}

function listen(ours) {
  ours.on('connected', detail => {
    connections++;
    sessionPresent = detail.sessionPresent;
    show('connected');
  });
  ours.on('reconnecting', ({ attempt: count, delay }) => show('reconnecting', `, attempt ${count} in ${(delay / 1_000).toFixed(1)} s`));
  ours.on('message', heard);
  ours.on('error', error => say(error.message));
  ours.on('disconnected', ({ cause: why, reconnects }) => {
    // A first connection that fails says so to who asked for it.
    if (client !== ours || reconnects || connections === 0) return;
    disconnect().then(() => say(inWords(why)));
  });
}

/** What a person can do about it, where there is something. */
function inWords({ kind, message, serverReference }) {
  if (kind === 'taken-over') return `Another client came with this client id, and has the connection now: ${message}`;
  if (kind === 'redirected') return `The server sends us elsewhere: ${serverReference ?? 'it does not say where'}`;
  return message;
}

/** Browsers do not tell why a WebSocket did not come about: whether its server answers at all can be asked. */
async function cause() {
  const { host } = new URL(byId('broker-url').value);
  if (host !== location.host) return 'Nobody answers there, or it wants no WebSocket of this page.';
  const answers = await fetch('/lab/', { method: 'HEAD', cache: 'no-store' }).then(() => true, () => false);
  return answers ? 'The server is there, but refuses this WebSocket.' : 'The server does not answer.';
}

async function disconnect() {
  const leaving = client;
  client = null;
  subscriptions.clear();
  showSubscriptions();
  if (leaving?.state === 'connected') await leaving.disconnect().catch(() => {});
  await leaving?.end();
  connections = 0;
  show('disconnected');
}

function connected() {
  if (!client) throw new Error('Not connected.');
  return client;
}

function subscribe(filter, { qos, noLocal = false }) {
  return attempt(async () => {
    const subscription = await connected().subscribe(filter, { qos, noLocal });
    subscriptions.set(filter, { qos: subscription.granted[0] });
    showSubscriptions();
  });
}

function unsubscribe(filter) {
  return attempt(async () => {
    await connected().unsubscribe(filter);
    subscriptions.delete(filter);
    showSubscriptions();
  });
}

async function publish(topic, payload, publishing) {
  const result = await attempt(() => connected().publish(topic, payload, publishing));
  messages.add({ dir: result ? 'sent' : 'failed', topic, text: payload, ...publishing, facts: facts(publishing) });
  return result?.reasonCode;
}

function heard({ topic, payload, qos, retain, dup, properties }) {
  received++;
  messages.add({ dir: 'received', topic, text: readable(payload), qos, retain, dup, facts: facts(properties) });
}

function userProperties(text) {
  const lines = text.split('\n').filter(line => line.trim() !== '');
  return lines.map(line => {
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error(`A user property is a name, a colon and a value: ${line}`);
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
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
  subscribe(byId('subscribe-topic').value, { qos: Number(byId('subscribe-qos').value), noLocal: byId('subscribe-no-local').checked }),
);
on('publish-form', async () => {
  const properties = await attempt(() => userProperties(byId('publish-properties').value));
  if (!properties) return;
  publish(byId('publish-topic').value, byId('publish-payload').value, {
    qos: Number(byId('publish-qos').value),
    retain: byId('publish-retain').checked,
    userProperties: properties,
  });
});
byId('clear-messages').addEventListener('click', () => messages.clear());

globalThis.courtier = {
  state: () => ({
    state,
    clientId: client?.clientId ?? '',
    connections,
    sessionPresent,
    received,
    queued: client?.queued ?? { messages: 0, bytes: 0 },
    subscriptions: [...subscriptions.keys()],
    errors,
  }),
  connect,
  disconnect,
  subscribe,
  unsubscribe,
  publish,
};

const tab = await tabId('courtier-lab:tab');
byId('broker-url').value = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/mqtt`;
byId('client-id').value = sessionStorage.getItem(CLIENT_ID) ?? '';
show('disconnected');
setText(byId('tab-id'), tab);
