// SPDX-License-Identifier: Apache-2.0
import { Users } from '../../../courtier/courtier.js';

export default {
  id: 'auth-tools',
  title: 'Users and rules, made in the page',
  text: 'Passwords become hashes here, and never leave the page: users and roles are exported as JSON, rules as the text of an access list. Below, make files of your own.',
  steps: [
    {
      title: 'Hash a password, twice',
      async run(c) {
        const one = await Users.hashPassword('correct horse');
        const other = await Users.hashPassword('correct horse');
        c.ensure('as it should look', /^pbkdf2-sha256\$600000\$[\w+/=]+\$[\w+/=]+$/.test(one));
        c.ensure('salted: no two are the same', one !== other);
        return one;
      },
    },
    {
      title: 'Users with roles; the export has no password',
      async run(c) {
        c.made = new Users({ iterations: 10_000 });
        c.made.addRole('operator');
        c.made.addRole('viewer');
        await c.made.addUser('ann', 'battery');
        await c.made.addUser('ben', 'staple');
        c.made.assignRole('ann', 'operator');
        c.made.assignRole('ben', 'viewer');
        c.file = JSON.stringify(c.made.export(), null, 2);
        c.ensure('no password', !c.file.includes('battery') && !c.file.includes('staple'));
        return c.file;
      },
    },
    {
      title: 'A broker that imports it lets them in',
      async run(c) {
        c.read = new Users();
        c.read.import(JSON.parse(c.file));
        c.here = await c.broker({ users: c.read, access: 'allow publish # role operator\nallow subscribe # role viewer\nallow receive # role viewer' });
        c.ann = await c.client('ann', { userName: 'ann', password: 'battery' });
        c.ben = await c.client('ben', { userName: 'ben', password: 'staple' });
        const wrong = await c.unconnected('eve', { userName: 'ann', password: 'staple' });
        c.equal('eve', (await c.fails('eve', () => wrong.connect())).reasonCode, 0x86);
        return 'ann and ben are in, eve is not';
      },
    },
    {
      title: 'Roles decide what they may',
      async run(c) {
        const seen = [];
        await c.ben.subscribe('#', { qos: 1 }, message => seen.push(message.text()));
        await c.ann.publish('pumps/1', 'on', { qos: 1 });
        await c.until('ben reads it', () => seen[0] === 'on');
        const error = await c.fails('ben publishes', () => c.ben.publish('pumps/1', 'off', { qos: 1 }));
        c.equal('reason', error.reasonCode, 0x87);
        return 'ann publishes, ben reads';
      },
    },
    {
      title: 'A role that is taken away is gone with the next connection',
      async run(c) {
        c.read.unassignRole('ann', 'operator');
        const again = await c.client('ann-2', { userName: 'ann', password: 'battery' });
        const error = await c.fails('ann publishes', () => again.publish('pumps/1', 'on', { qos: 1 }));
        c.equal('reason', error.reasonCode, 0x87);
        return 'ann may publish no more';
      },
    },
    {
      title: 'What is no export is not imported, and changes nothing',
      async run(c) {
        await c.fails('a user without a hash', () => c.read.import({ version: 1, roles: [], users: [{ name: 'eve', hash: 'eve', roles: [] }] }));
        c.equal('users', c.read.listUsers(), ['ann', 'ben']);
        return 'ann and ben, as before';
      },
    },
  ],
  async live(section) {
    await (await import('../auth-builder.js')).show(section);
  },
};
