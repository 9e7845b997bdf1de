// SPDX-License-Identifier: Apache-2.0
/** Two panes, one that publishes and one that subscribes, and what is in the worker. */

import { SharedWorkerClient } from './client.js';

const ROWS_MAX = 500;
const CHARACTERS_MAX = 2_000;
const INSPECT_MILLIS = 1_000;
const STATES = { connecting: 'Connecting', open: 'Connected', failed: 'Failed', closed: 'Disconnected' };
const MODES = { sharedworker: 'Shared worker', broadcastchannel: 'A worker of one tab', none: 'no worker yet' };

const byId = (id) => document.getElementById(id);
const subscriptions = new Map();
const counts = { received: 0, published: 0 };
let client;
let inspection = null;
let latestError = null;

function connect() {
  const parameters = new URLSearchParams(location.search);
  client = new SharedWorkerClient(parameters.get('worker') ?? './worker.js', {
    name: parameters.get('name') ?? undefined,
    persist: parameters.get('persist') !== 'false',
  });
  client.on('state', showState);
  client.on('error', (error) => showError(error.message));
  showState();
}

function showState() {
  const { state, mode } = client;
  document.body.dataset.state = state;
  const status = byId('connection-status');
  status.dataset.state = { open: 'connected', failed: 'error' }[state] ?? state;
  status.textContent = STATES[state];
  byId('mode').dataset.mode = mode;
  byId('mode').textContent = MODES[mode];
  byId('disconnect-btn').hidden = state === 'closed';
  byId('connect-btn').hidden = state !== 'closed';
  inspect();
}

function showError(message) {
  latestError = message;
  byId('errors').textContent = message ?? '';
}

function cut(text) {
  return text.length > CHARACTERS_MAX ? `${text.slice(0, CHARACTERS_MAX)}… (${text.length} characters)` : text;
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function received(channel, data) {
  counts.received++;
  const row = element(
    'li',
    {},
    element('time', { textContent: new Date().toISOString().slice(11, 23) }),
    element('span', { className: 'topic', textContent: channel }),
    element('span', { className: 'payload', textContent: cut(JSON.stringify(data)) }),
  );
  row.dataset.dir = 'received';
  row.dataset.channel = channel;
  const list = byId('messages');
  list.append(row);
  while (list.childElementCount > ROWS_MAX) list.firstElementChild.remove();
  list.scrollTop = list.scrollHeight;
}

function subscribe(channel) {
  if (subscriptions.has(channel)) return;
  const end = client.subscribe(channel, (data) => received(channel, data));
  const button = element('button', { type: 'button', textContent: 'Unsubscribe' });
  button.setAttribute('aria-label', `Unsubscribe from ${channel}`);
  const row = element('li', {}, element('span', { className: 'grow mono', textContent: channel }), button);
  row.dataset.channel = channel;
  button.addEventListener('click', () => {
    end();
    subscriptions.delete(channel);
    row.remove();
    inspect();
  });
  subscriptions.set(channel, row);
  byId('subscriptions').append(row);
}

function publish() {
  let data;
  try {
    data = JSON.parse(byId('publish-data').value);
  } catch (error) {
    showError(`The data is no JSON: ${error.message}`);
    return;
  }
  const ttl = byId('publish-ttl').valueAsNumber;
  client.publish(byId('publish-channel').value, data, Number.isNaN(ttl) ? {} : { ttl }).then(
    () => {
      counts.published++;
      inspect();
    },
    () => {},
  );
}

async function get() {
  const result = byId('get-result');
  try {
    result.textContent = cut(JSON.stringify(await client.get(byId('publish-channel').value)));
    result.dataset.state = 'found';
  } catch (error) {
    result.textContent = error.message;
    result.dataset.state = 'error';
  }
}

async function inspect() {
  if (client.state !== 'open') return;
  try {
    inspection = await client.inspect();
  } catch {
    return;
  }
  for (const fact of ['clients', 'runtime', 'store', 'bytes']) byId(`inspect-${fact}`).textContent = inspection[fact];
  const rows = inspection.channels.slice(0, ROWS_MAX).map(({ channel, subscribers, bytes }) => {
    const cells = [cut(channel), subscribers, bytes ?? '–'].map((textContent) => element('td', { textContent }));
    const row = element('tr', {}, ...cells);
    row.dataset.channel = channel;
    return row;
  });
  byId('inspect-channels').tBodies[0].replaceChildren(...rows);
}

function on(id, event, act) {
  byId(id).addEventListener(event, (happened) => {
    happened.preventDefault();
    showError(null);
    try {
      act();
    } catch (error) {
      showError(error.message);
    }
  });
}

on('publish-form', 'submit', publish);
on('subscribe-form', 'submit', () => subscribe(byId('subscribe-channel').value));
on('get-btn', 'click', get);
on('clear-messages', 'click', () => byId('messages').replaceChildren());
on('disconnect-btn', 'click', () => {
  client.disconnect();
  subscriptions.clear();
  byId('subscriptions').replaceChildren();
});
on('connect-btn', 'click', connect);
connect();
setInterval(() => !document.hidden && inspect(), INSPECT_MILLIS);

const state = () => ({
  state: client.state,
  mode: client.mode,
  clientId: client.clientId,
  error: latestError,
  subscriptions: [...subscriptions.keys()],
  counts: { ...counts },
  inspection,
});
Object.defineProperty(window, 'courtier', { value: Object.freeze({ state, client: () => client }) });
