// SPDX-License-Identifier: Apache-2.0
import { Users } from '../../../courtier/courtier.js';

export default {
  id: 'local-broker',
  title: 'A broker and three clients in one tab',
  text: 'The core of the server, here in the page: users with passwords, roles, and messages among clients. Nothing leaves the tab.',
  steps: [
    {
      title: 'Open a broker with two users and their roles',
      async run(c) {
        // Cheap hashes, for a demonstration; by default they are dear.
        const users = new Users({ iterations: 10_000 });
        for (const [name, role] of [['ann', 'operator'], ['ben', 'viewer']]) {
          await users.addUser(name, `${name}'s password`);
          users.addRole(role);
          users.assignRole(name, role);
        }
        c.local = await c.broker({
          users,
          anonymous: true,
          access: 'allow all plant/# role operator\nallow subscribe plant/# role viewer\nallow receive # role viewer\nallow all marker/#',
        });
        return `running as ${c.local.runtime}, ${users.userCount} users, ${users.roleCount} roles`;
      },
    },
    {
      title: 'Three clients connect: two with passwords, one with nothing',
      async run(c) {
        c.ann = await c.client('ann-1', { userName: 'ann', password: "ann's password" });
        c.ben = await c.client('ben-1', { userName: 'ben', password: "ben's password" });
        c.nobody = await c.client('guest');
        const names = c.local.clients().map(({ client, userName }) => `${client} as ${userName ?? 'nobody'}`);
        c.equal('clients', names.length, 3);
        return names.join(', ');
      },
    },
    {
      title: 'A wrong password is refused',
      async run(c) {
        const wrong = await c.unconnected('thief', { userName: 'ann', password: 'guess' });
        const error = await c.fails('a wrong password', () => wrong.connect());
        c.equal('reason', error.reasonCode, 0x86);
        return error.message;
      },
    },
    {
      title: 'The operator publishes, the viewer reads',
      async run(c) {
        c.seen = await c.inbox(c.ben, 'plant/#');
        await c.ann.publish('plant/pump', 'on', { qos: 1 });
        return c.seen.reads('on');
      },
    },
    {
      title: 'The viewer may not publish, and the guest may not read',
      async run(c) {
        const publishing = await c.fails('ben publishes', () => c.ben.publish('plant/pump', 'off', { qos: 1 }));
        const reading = await c.fails('a guest subscribes', () => c.nobody.subscribe('plant/#', { qos: 1 }));
        c.equal('reasons', [publishing.reasonCode, reading.reasonCode], [0x87, 0x87]);
        c.equal('ben still has', c.seen.texts, ['on']);
        return 'both 0x87, Not authorized';
      },
    },
  ],
};
