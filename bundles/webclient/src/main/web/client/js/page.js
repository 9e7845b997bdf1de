// SPDX-License-Identifier: Apache-2.0
/** The client page: puts its parts together. */

import { Connection } from './connection.js';
import { Details } from './details.js';
import { byId, fillTexts, setText } from './dom.js';
import { attempt, clearFaults, latestFault, showFault, watchForBugs } from './faults.js';
import { setUpKeys } from './keys.js';
import { MessageLog } from './log.js';
import { LogList } from './loglist.js';
import { MessagesBar } from './messagesbar.js';
import { Publish } from './publish.js';
import { offerProbe } from './probe.js';
import { reasonText } from './reasons.js';
import { Settings } from './settings.js';
import { StatusLine } from './statusline.js';
import { Subscriptions } from './subscriptions.js';
import { text } from './texts.js';
import { setUpTheme } from './theme.js';

watchForBugs();
fillTexts(document);
document.title = text('page.title');
setUpTheme();

const log = new MessageLog();
const settings = new Settings();

const connection = new Connection({
  changed() {
    status.draw();
    subscriptions.connectionChanged();
  },
  connected(how) {
    clearFaults();
    settings.remember();
    byId('connection-settings').open = false;
    subscriptions.connected(how);
  },
  received(packet) {
    const payload = new Uint8Array(packet.payload);
    const { topic, qos, retain, dup, properties } = packet;
    const subscription = subscriptions.ofMessage(topic, properties);
    add({ dir: 'received', topic, payload, qos, retain, dup, properties, state: 'received', hue: subscription?.hue, filter: subscription?.filter });
  },
  failed(fault) {
    const remedy = fault.server && { label: text('fault.use', { address: fault.server }), act: () => use(fault.server) };
    showFault(fault, remedy);
  },
});

const list = new LogList(byId('messages'), log, {
  drawn: () => drawAround(),
  selected: (row) => details.follow(row),
  opened: (row) => details.open(row),
});

const bar = new MessagesBar(log, list);

const details = new Details({
  closed() {
    list.select(undefined);
    byId('messages').focus();
  },
  edit: (row) => publishing.edit(row),
  forget: (topic) => publish({ topic, payload: new Uint8Array(0), qos: 1, retain: true }),
});

const subscriptions = new Subscriptions(connection, settings, {
  changed: () => drawAround(),
  showOnly: (subscription) => bar.showOnly(subscription),
  unsubscribed: (subscription) => bar.forget(subscription),
});

const publishing = new Publish(connection, settings, publish);
const status = new StatusLine(connection);

function add(row) {
  row.time = Date.now();
  const before = log.length;
  const gone = log.add(row);
  list.added(log.length - before + gone, gone);
}

function publish(message) {
  if (connection.status === 'disconnected') return showFault({ code: 'not.connected', text: text('fault.not.connected') });
  const row = { ...message, dir: 'published', dup: false, state: message.qos ? 'pending' : 'sent' };
  add(row);
  connection.publish(message, ({ code, said, unacknowledged }) => {
    const failed = unacknowledged || code >= 0x80;
    row.state = failed ? 'failed' : message.qos ? 'acked' : 'sent';
    row.code = code ?? 0;
    row.said = said;
    if (failed) {
      const reason = unacknowledged ? text('reason.unacknowledged') : reasonText(code, said);
      showFault({ code: 'publish', text: text('fault.publish', { topic: row.topic.slice(0, 100), reason }) });
    }
    list.request();
    details.refresh();
  });
}

function drawAround() {
  bar.draw(connection.status, subscriptions.list.length);
  subscriptions.drawCounts();
}

/** Of a server that the broker named: a person looks at it and connects, or does not. */
function use(server) {
  const first = server.split(' ')[0];
  byId('broker-url').value = first.includes('://') ? first : new URL(byId('broker-url').value).protocol + `//${first}/mqtt`;
  byId('broker-url').focus();
}

byId('connect-form').addEventListener('submit', (event) => {
  event.preventDefault();
  clearFaults();
  attempt(() => connection.open(settings.read()));
});
byId('disconnect-btn').addEventListener('click', () => connection.close());

// The broker is told while there is time. A page that comes back from the browser's cache goes on.
let resume = false;
addEventListener('pagehide', () => {
  resume = connection.status !== 'disconnected';
  connection.close();
});
addEventListener('pageshow', (event) => {
  if (event.persisted && resume) connection.open(connection.settings);
});

const go = (id) => () => {
  const element = byId(id);
  const around = element.closest('details');
  if (around) around.open = true;
  element.focus();
};
setUpKeys({
  '/': go('filter'),
  n: go('broker-url'),
  s: go('subscribe-topic'),
  p: go('publish-topic'),
  x: () => bar.togglePause(),
  j: () => list.step(1),
  k: () => list.step(-1),
  Enter: () => list.selected && details.open(list.selected),
  Escape: () => details.close(),
});

offerProbe({ connection, log, list, subscriptions, latestFault });
status.draw();
list.request();
document.body.classList.remove('starting');
