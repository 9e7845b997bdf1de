// SPDX-License-Identifier: Apache-2.0
import { Users } from '../../../courtier/courtier.js';

const RULES = `# the first rule that matches decides; without one it is denied
deny  all       secrets/#   role guest
allow all       #           role admin
allow publish   machines/+/set role operator
allow subscribe machines/#  role operator
allow receive   machines/#  role operator
allow publish   machines/%u/state role device
allow subscribe machines/%u/set role device
allow receive   machines/%u/set role device
allow subscribe public/#    role guest
allow receive   public/#    role guest`;

/** Who, what, where, and whether it may. */
const MATRIX = [
  ['alice', 'publish', 'anything/at/all', true],
  ['alice', 'subscribe', 'secrets/#', true],
  ['oscar', 'publish', 'machines/m1/set', true],
  ['oscar', 'publish', 'machines/m1/state', false],
  ['oscar', 'subscribe', 'machines/#', true],
  ['oscar', 'subscribe', '#', false],
  ['m1', 'publish', 'machines/m1/state', true],
  ['m1', 'publish', 'machines/m2/state', false],
  ['m1', 'subscribe', 'machines/m1/set', true],
  ['m1', 'subscribe', 'machines/+/set', false],
  ['gustav', 'subscribe', 'public/news', true],
  ['gustav', 'subscribe', 'secrets/plans', false],
  ['gustav', 'publish', 'public/news', false],
];

async function may(client, action, topic) {
  try {
    if (action === 'publish') await client.publish(topic, 'x', { qos: 1 });
    else await (await client.subscribe(topic, { qos: 1 })).unsubscribe();
    return true;
  } catch (error) {
    if (error.reasonCode !== 0x87) throw error;
    return false;
  }
}

export default {
  id: 'acl-permissions',
  title: 'Who may do what',
  text: 'Four users, four roles, and access rules in the words of the server: what is allowed, what is denied, and at once when they change.',
  steps: [
    {
      title: 'A broker with four users, and rules',
      async run(c) {
        const users = new Users({ iterations: 10_000 });
        for (const [name, role] of [['alice', 'admin'], ['oscar', 'operator'], ['m1', 'device'], ['gustav', 'guest']]) {
          await users.addUser(name, name);
          users.addRole(role);
          users.assignRole(name, role);
        }
        c.here = await c.broker({ users, access: RULES });
        return RULES;
      },
    },
    {
      title: 'They connect',
      async run(c) {
        c.as = {};
        for (const name of ['alice', 'oscar', 'm1', 'gustav']) c.as[name] = await c.client(name, { userName: name, password: name });
        const nobody = await c.unconnected('nobody');
        c.equal('without a name', (await c.fails('nobody connects', () => nobody.connect())).reasonCode, 0x87);
        return `${Object.keys(c.as).join(', ')}; nobody else`;
      },
    },
    ...['alice', 'oscar', 'm1', 'gustav'].map(name => ({
      title: `What ${name} may`,
      async run(c) {
        const seen = [];
        for (const [, action, topic, allowed] of MATRIX.filter(([who]) => who === name)) {
          c.equal(`${name} ${action} ${topic}`, await may(c.as[name], action, topic), allowed);
          seen.push(`${allowed ? 'allowed' : 'denied '} ${action} ${topic}`);
        }
        return seen.join('\n');
      },
    })),
    {
      title: 'Other rules count at once, also for subscriptions that are there',
      async run(c) {
        const errors = [];
        c.as.oscar.on('error', error => errors.push(error));
        const machines = [];
        await c.as.oscar.subscribe('machines/#', { qos: 1 }, message => machines.push(message.text()));
        await c.as.alice.publish('machines/m1/state', 'before', { qos: 1 });
        await c.until('it comes', () => machines.length === 1);
        await c.here.setAccess('allow all # role admin');
        await c.as.alice.publish('machines/m1/state', 'after', { qos: 1 });
        c.equal('oscar publishes', await may(c.as.oscar, 'publish', 'machines/m1/set'), false);
        c.equal('oscar read', machines, ['before']);
        return 'oscar reads no more';
      },
    },
    {
      title: 'Broken rules change nothing',
      async run(c) {
        const error = await c.fails('broken rules', () => c.here.setAccess('allow all #\nalow publish x'));
        c.ensure('it names the line', error.message.startsWith('line 2'));
        c.equal('rules', c.here.access, 'allow all # role admin');
        return error.message;
      },
    },
  ],
};
