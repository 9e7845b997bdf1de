// SPDX-License-Identifier: Apache-2.0
// What a tab does on its channel, apart from the page: a page that computes, or shows a dialog, holds up nobody. It is a
// client always, and the broker when its turn comes. When the page goes it goes with it, and so do its locks.
import { addBridge, CourtierClient, removeBridge, TabGroup, webSocket } from '../../courtier/courtier.js';
import { answer } from '../js/rpc.js';

const SESSION_SECONDS = 3_600;
const BRIDGE = 'server';

let group = null;
let client = null;
let received = 0;
const subscriptions = new Map();

const tell = answer(self, {
  async join({ channel, tabId, clientId, userName, password, keepSession, withoutLocks, candidate }) {
    if (group) throw new Error('it is on a channel already');
    const joining = new TabGroup(channel, {
      tabId,
      clientId,
      candidate,
      locks: withoutLocks ? null : navigator.locks,
      broker: { history: true },
    });
    group = joining;
    joining.on('role', role => {
      tell('role', { role, ...brokerFacts() });
      joining.broker?.on('storage', detail => tell('storage', detail));
      const wanted = joining.broker?.kept('bridge');
      if (wanted) bridge(wanted).catch(error => tell('trouble', error.message));
    });
    joining.on('members', members => tell('members', members));
    joining.on('outdated', detail => tell('outdated', detail));
    joining.on('error', error => tell('trouble', String(error)));
    joining.on('broker', detail => tell('broker', detail));
    await joining.join();
    let there = false;
    client = new CourtierClient({
      transport: joining.transport(),
      clientId,
      userName: userName || null,
      password: password || null,
      cleanStart: !keepSession,
      sessionExpiryInterval: keepSession ? SESSION_SECONDS : 0,
      keepAlive: 30,
      // The next broker is there at once: no need to wait for long. One that goes while this tab joins is no reason to give up.
      reconnect: { initialDelay: 20, maxDelay: 1_000, jitter: 0.2, first: true },
    });
    client.on('message', heard);
    for (const event of ['connected', 'reconnecting', 'disconnected']) client.on(event, () => tell('state', client?.state ?? 'disconnected'));
    // A first connection that fails says so to who asked for it; leaving is no trouble.
    client.on('disconnected', ({ cause, reconnects }) => !reconnects && group === joining && there && tell('trouble', cause.message));
    client.on('error', error => tell('trouble', error.message));
    client.on('connected', ({ sessionPresent }) => {
      there = true;
      tell('session', sessionPresent);
    });
    try {
      return { ...(await client.connect()), elects: joining.elects, role: joining.role, ...brokerFacts() };
    } catch (error) {
      await leave();
      throw error;
    }
  },
  leave,
  async subscribe(filter, { qos, replayLast = 0, again = false }) {
    // A subscription that is there already is not told again what is retained.
    const options = { qos, retainHandling: again ? 1 : 0 };
    if (replayLast > 0) options.userProperties = [['replay-last', String(replayLast)]];
    const subscription = await client.subscribe(filter, options);
    subscriptions.set(filter, subscription);
    return { qos: subscription.granted[0] };
  },
  async unsubscribe(filter) {
    await client.unsubscribe(filter);
    subscriptions.delete(filter);
  },
  publish: (topic, payload, options) => client.publish(topic, payload, options),
  state: () => ({
    role: group?.role ?? 'none',
    epoch: group?.epoch ?? 0,
    members: group?.members() ?? [],
    ignored: group?.ignored ?? 0,
    state: client?.state ?? 'disconnected',
    received,
    ...brokerFacts(),
  }),
  // Of the broker, where it is here.
  async setAccess(text) {
    await here().setAccess(text);
    return brokerFacts();
  },
  async setUser(name, password) {
    await here().users.addUser(name, password);
    return brokerFacts();
  },
  removeUser(name) {
    here().users.removeUser(name);
    return brokerFacts();
  },
  hold(millis) {
    const until = performance.now() + millis;
    while (performance.now() < until);
  },
  async bridge(wanted) {
    await bridge(wanted);
    await here().keep('bridge', wanted);
  },
  async unbridge() {
    removeBridge(here(), BRIDGE);
    await here().keep('bridge', null);
  },
});

/** Only the broker's tab bridges; who is it next goes on with what was to be carried. */
async function bridge({ url, filter, direction }) {
  const made = await addBridge(here(), { name: BRIDGE, transport: webSocket(url), topics: [{ filter, direction, qos: 1 }] });
  made.on('status', ({ side, state, cause }) => side === 'remote' && tell('bridge', { state, why: cause?.message }));
}

async function leave() {
  const leaving = group;
  group = null;
  subscriptions.clear();
  await client?.end();
  client = null;
  await leaving?.leave();
}

function here() {
  if (!group?.broker) throw new Error('the broker is in another tab');
  return group.broker;
}

function brokerFacts() {
  const broker = group?.broker;
  if (!broker) return { broker: null };
  return {
    broker: {
      runtime: broker.runtime,
      store: broker.store,
      storeWhy: broker.storeWhy,
      epoch: group.epoch,
      access: broker.access,
      users: broker.users.listUsers(),
      counters: broker.counters(),
    },
  };
}

function heard(message) {
  received++;
  tell('message', {
    topic: message.topic,
    text: message.text(),
    bytes: message.payload.length,
    qos: message.qos,
    retain: message.retain,
    dup: message.dup,
    userProperties: message.properties.userProperties ?? [],
  });
}

setInterval(() => group?.broker && tell('facts', brokerFacts()), 1_000);
