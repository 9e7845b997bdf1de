// SPDX-License-Identifier: Apache-2.0
import { CourtierClient, TabGroup } from '../../../courtier/courtier.js';
import { newId } from '../../js/tab.js';
import { Board } from '../board.js';

async function member(c, name) {
  const group = new TabGroup(c.channel, { tabId: name, clientId: name, broker: { store: 'memory' } });
  await group.join();
  const client = new CourtierClient({ transport: group.transport(), clientId: name, reconnect: { initialDelay: 20, maxDelay: 200, jitter: 0 } });
  c.afterwards(() => group.leave());
  c.afterwards(() => client.end());
  await client.connect();
  const board = new Board(document.createElement('canvas'), client, name);
  await board.join();
  return { name, group, client, board };
}

export default {
  id: 'broadcast-channel',
  title: 'A chat and a canvas among tabs',
  text: 'One tab is the broker for all; when it goes, another is. Below is a canvas that all tabs on this page share: open it twice. The steps do the same with members of their own.',
  steps: [
    {
      title: 'Three members join: one of them is the broker',
      async run(c) {
        c.channel = `gallery-${newId()}`;
        c.members = [];
        for (const name of ['ann', 'ben', 'cleo']) c.members.push(await member(c, name));
        c.equal('roles', c.members.map(({ group }) => group.role), ['broker', 'client', 'client']);
        return c.members.map(({ name, group }) => `${name}: ${group.role}`).join(', ');
      },
    },
    {
      title: 'They know of each other',
      async run(c) {
        const [ann] = c.members;
        await c.until('ann sees two', () => ann.group.members().length === 2);
        return ann.group.members().map(({ tabId }) => tabId).toSorted().join(', ');
      },
    },
    {
      title: 'They chat: all read the same, in the same order',
      async run(c) {
        for (const { name, board } of c.members) await board.say(`hello from ${name}`);
        const texts = ['ann: hello from ann', 'ben: hello from ben', 'cleo: hello from cleo'];
        for (const { board } of c.members) await c.until('all of it is there', () => board.chat.length === 3);
        for (const { name, board } of c.members) c.equal(name, board.chat, texts);
        return texts.join('\n');
      },
    },
    {
      title: 'They draw: all canvases show the same',
      async run(c) {
        const [ann, ben, cleo] = c.members;
        await ann.board.stroke([[10, 10], [100, 40], [300, 200]]);
        await cleo.board.stroke([[300, 20], [40, 250]]);
        for (const { board } of c.members) await c.until('both strokes are there', () => board.strokes === 2);
        const [first, ...others] = [ann, ben, cleo].map(({ board }) => board.pixels());
        c.ensure('something was drawn', first.some(value => value !== 0));
        for (const pixels of others) c.ensure('the same pixels', pixels.every((value, at) => value === first[at]));
        return `${first.length / 4} pixels, the same on three canvases`;
      },
    },
    {
      title: 'The broker leaves: another is it, and the chat goes on',
      async run(c) {
        const [ann, ben, cleo] = c.members;
        const left = performance.now();
        await ann.client.end();
        await ann.group.leave();
        await c.until('another is the broker', () => [ben, cleo].some(({ group }) => group.role === 'broker'));
        // Each asks something of it: the answer says that it knows again what was subscribed to before.
        await Promise.all([ben, cleo].map(({ client }) => client.subscribe('board/here', () => {})));
        const millis = Math.round(performance.now() - left);
        await ben.board.say('ann is gone');
        for (const { board } of [ben, cleo]) await c.until('both read it', () => board.chat.at(-1) === 'ben: ann is gone');
        return `after ${millis} ms`;
      },
    },
  ],
  async live(section) {
    await (await import('../live-board.js')).show(section);
  },
};
