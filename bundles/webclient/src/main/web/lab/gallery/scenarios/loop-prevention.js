// SPDX-License-Identifier: Apache-2.0
import { addBridge, messagePort } from '../../../courtier/courtier.js';

const RAPID = 200;

async function oneWay(c, name, from, to) {
  const bridge = await addBridge(from, {
    name,
    transport: messagePort(() => to.createPort()),
    topics: [{ filter: 'loop/#', direction: 'out' }],
  });
  await c.until(`${name} is connected`, () => bridge.state === 'connected');
  return bridge;
}

export default {
  id: 'loop-prevention',
  title: 'Messages that would go round for ever',
  text: 'Three brokers in a ring. Each bridge writes its mark into what it carries, and does not carry what has its mark already.',
  steps: [
    {
      title: 'Bridge three brokers to a ring: A to B to C to A',
      async run(c) {
        c.ring = [await c.broker(), await c.broker(), await c.broker()];
        const [a, b, d] = c.ring;
        c.bridges = [await oneWay(c, 'a-b', a, b), await oneWay(c, 'b-c', b, d), await oneWay(c, 'c-a', d, a)];
        return c.bridges.map(({ name, state }) => `${name} ${state}`).join(', ');
      },
    },
    {
      title: 'A message goes round once, and is stopped where it began',
      async run(c) {
        c.clients = [];
        c.inboxes = [];
        for (const [index, broker] of c.ring.entries()) {
          c.clients.push(await c.client(`reader-${index}`, { broker }));
          c.inboxes.push(await c.inbox(c.clients[index], 'loop/#'));
        }
        await c.clients[0].publish('loop/1', 'round', { qos: 1 });
        await c.until('a-b sees its mark', () => c.bridges[0].counts.loops === 1);
        for (const inbox of c.inboxes) await inbox.settled();
        // The broker where it began has it from its client, and once more from the last bridge.
        c.equal('seen', c.inboxes.map(({ messages }) => messages.length), [2, 1, 1]);
        return 'seen at A, B, C: 2, 1, 1; stopped by a-b';
      },
    },
    {
      title: `${RAPID} messages in rapid fire, from all three`,
      async run(c) {
        for (const inbox of c.inboxes) inbox.messages = [];
        const sending = [];
        for (let n = 0; n < RAPID; n++) sending.push(c.clients[n % 3].publish(`loop/${n}`, String(n), { qos: 1 }));
        await Promise.all(sending);
        const loops = () => c.bridges.reduce((sum, { counts }) => sum + counts.loops, 0);
        await c.until('each was stopped', () => loops() === RAPID + 1);
        for (const inbox of c.inboxes) await inbox.settled();
        for (const [at, inbox] of c.inboxes.entries()) {
          const own = Array.from({ length: RAPID }, (_, n) => n).filter(n => n % 3 === at).length;
          c.equal(`at ${'ABC'[at]}`, inbox.messages.length, RAPID + own);
          c.equal('different ones', new Set(inbox.texts).size, RAPID);
        }
        return `each of ${RAPID} was at each broker, and was stopped once: ${loops()} loops`;
      },
    },
    {
      title: 'Nothing is under way any more',
      async run(c) {
        const before = c.ring.map(broker => broker.counters().messagesReceived);
        // Longer than a message takes to go round.
        await c.pause(200);
        c.equal('received since', c.ring.map(broker => broker.counters().messagesReceived), before);
        return `brokers received ${before.join(', ')}, and no more`;
      },
    },
  ],
};
