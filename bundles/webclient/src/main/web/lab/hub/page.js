// SPDX-License-Identifier: Apache-2.0
/** MQTT.js in a tab, over the worker that all tabs share. */

import { createHub } from './hub.js';

const ROWS_MAX = 500;
const LOOK_MILLIS = 1_000;
const STATES = { connected: 'Connected', connecting: 'Connecting', disconnected: 'Disconnected' };

const byId = (id) => document.getElementById(id);
const received = [];
let client = null;
let socket = null;
let worker = null;

function show(state) {
  document.body.dataset.state = state;
  byId('connection-status').dataset.state = state;
  byId('connection-status').textContent = STATES[state];
}

function showError(message) {
  byId('errors').textContent = message ?? '';
}

function connect() {
  client?.end(true);
  show('connecting');
  const hub = createHub();
  client = mqtt.connect(byId('broker-url').value, {
    clientId: byId('client-id').value,
    createWebsocket: (url) => (socket = hub(url)),
    reconnectPeriod: 500,
    // Its worker for timers comes from a blob, which the policy of this page forbids; the hub needs no timers here.
    timerVariant: 'native',
  });
  client.on('connect', () => show('connected'));
  client.on('close', () => show(client.disconnecting || client.disconnected ? 'disconnected' : 'connecting'));
  client.on('error', (error) => showError(error.message));
  client.on('message', arrived);
}

function arrived(topic, payload, { qos, retain }) {
  const text = new TextDecoder().decode(payload);
  received.push({ topic, payload: text, qos, retain });
  if (received.length > ROWS_MAX) received.shift();
  const row = document.createElement('li');
  row.dataset.dir = 'received';
  row.dataset.topic = topic;
  for (const [name, content] of [['facts', `QoS ${qos}${retain ? ', retained' : ''}`], ['topic', topic], ['payload', text]]) {
    const part = document.createElement('span');
    part.className = name;
    part.textContent = content;
    row.append(part);
  }
  const list = byId('messages');
  list.append(row);
  while (list.childElementCount > ROWS_MAX) list.firstElementChild.remove();
}

function look() {
  if (!socket || socket.readyState !== 1) return;
  socket.about().then((about) => {
    worker = about;
    byId('upstream-status').dataset.state = about.upstream;
    byId('upstream-status').textContent = `Server: ${about.upstream}`;
    byId('hub-client').textContent = about.clientId;
    byId('hub-filters').textContent = about.filters.join(', ');
    byId('hub-up').textContent = about.up;
    byId('hub-down').textContent = about.down;
    showError(about.error);
  });
}

function on(id, event, act) {
  byId(id).addEventListener(event, (happened) => {
    happened.preventDefault();
    showError(null);
    act();
  });
}

byId('broker-url').value = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/mqtt`;
byId('client-id').value = `tab-${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}`;
on('connect-form', 'submit', connect);
on('disconnect-btn', 'click', () => client?.end());
on('subscribe-form', 'submit', () => client?.subscribe(byId('subscribe-topic').value, { qos: 1 }, (error) => error && showError(error.message)));
on('publish-form', 'submit', () => client?.publish(byId('publish-topic').value, byId('publish-payload').value, { qos: 1 }));
setInterval(look, LOOK_MILLIS);

const state = () => ({ state: document.body.dataset.state, received: [...received], worker });
Object.defineProperty(window, 'courtier', { value: Object.freeze({ state, client: () => client, createHub }) });
