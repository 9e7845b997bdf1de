// SPDX-License-Identifier: Apache-2.0
export default {
  id: 'subscription-ids',
  title: 'What did this come for?',
  text: 'A Subscription Identifier comes back with each message that matches: a client knows which of its filters it was.',
  via: ['tab', 'server'],
  steps: [
    {
      title: 'Two filters that overlap, with the numbers 7 and 9',
      async run(c) {
        c.seen = { 7: [], 9: [] };
        c.client1 = await c.client('ids');
        await c.client1.subscribe(c.topic('plant/#'), { qos: 1, subscriptionIdentifier: 7 }, message => c.seen[7].push(message));
        await c.client1.subscribe(c.topic('plant/+/alarm'), { qos: 1, subscriptionIdentifier: 9 }, message => c.seen[9].push(message));
        return '7 for plant/#, 9 for plant/+/alarm';
      },
    },
    {
      title: 'A message for one of them has its number',
      async run(c) {
        await c.client1.publish(c.topic('plant/1/speed'), 'fast', { qos: 1 });
        const message = await c.until('it comes', () => c.seen[7][0]);
        c.equal('identifiers', message.properties.subscriptionIdentifiers, [7]);
        return `${message.topic}: 7`;
      },
    },
    {
      title: 'A message for both has both, or comes for each',
      async run(c) {
        await c.client1.publish(c.topic('plant/1/alarm'), 'hot', { qos: 1 });
        await c.until('both handlers have it', () => c.seen[7].length === 2 && c.seen[9].length === 1);
        const numbers = [c.seen[7][1], c.seen[9][0]].flatMap(message => message.properties.subscriptionIdentifiers);
        c.equal('identifiers', [...new Set(numbers)].toSorted(), [7, 9]);
        return `${c.seen[9][0].topic}: ${[...new Set(numbers)].join(' and ')}`;
      },
    },
    {
      title: 'Each handler gets its own, and nobody compares topics',
      async run(c) {
        c.equal('for 7', c.seen[7].map(message => message.text()), ['fast', 'hot']);
        c.equal('for 9', c.seen[9].map(message => message.text()), ['hot']);
        return 'plant/#: fast, hot; plant/+/alarm: hot';
      },
    },
    {
      title: 'Without a number the client gives one by itself',
      async run(c) {
        const other = await c.client('plain');
        const inbox = await c.inbox(other, c.topic('plant/#'));
        await c.client1.publish(c.topic('plant/2/speed'), 'slow', { qos: 1 });
        const { properties } = await inbox.awaits(1);
        c.equal('numbers', properties.subscriptionIdentifiers.length, 1);
        return `it chose ${properties.subscriptionIdentifiers[0]}`;
      },
    },
  ],
};
