// SPDX-License-Identifier: Apache-2.0
export default {
  id: 'message-expiry',
  title: 'Messages that go stale',
  text: 'A message says for how long it is good; who comes later does not get it. What is delivered late says how long is left.',
  via: ['tab', 'server'],
  steps: [
    {
      title: 'A subscriber goes away, its session stays',
      async run(c) {
        c.shop = await c.client('shop');
        const left = await c.inbox(c.shop, c.topic('left'));
        const will = { topic: c.topic('left'), payload: 'the reader', qos: 1 };
        c.reader = await c.client('reader', { cleanStart: false, sessionExpiryInterval: 60, will });
        c.offers = await c.inbox(c.reader, c.topic('offers/#'), { qos: 1 });
        c.reader.wire.down = true;
        c.reader.wire.cut();
        // What the broker sends before it notices is under way, and does not expire any more.
        return `${(await left.awaits(1)).text()} is away`;
      },
    },
    {
      title: 'Three offers: for 1 second, for 30 seconds, for ever',
      async run(c) {
        for (const [text, messageExpiryInterval] of [['short', 1], ['longer', 30], ['ever', undefined]]) {
          await c.shop.publish(c.topic('offers/today'), text, { qos: 1, messageExpiryInterval });
        }
        await c.shop.publish(c.topic('offers/board'), 'today only', { qos: 1, retain: true, messageExpiryInterval: 1 });
        c.published = performance.now();
        return 'published; the board has one that is retained for 1 second';
      },
    },
    {
      title: 'It comes back after more than a second: the first is gone',
      async run(c) {
        // The point of this scenario: time passes.
        await c.pause(1_600);
        c.reader.wire.down = false;
        await c.connected(c.reader);
        await c.offers.awaits(2);
        await c.offers.settled();
        c.equal('offers', c.offers.texts, ['longer', 'ever']);
        return c.offers.texts.join(', ');
      },
    },
    {
      title: 'The other says how long it is still good',
      run(c) {
        const [longer, ever] = c.offers.messages.map(({ properties }) => properties.messageExpiryInterval);
        c.ensure(`28 or 29 seconds are left: ${longer}`, longer >= 25 && longer <= 29);
        c.equal('for ever', ever ?? null, null);
        return `${longer} of 30 seconds`;
      },
    },
    {
      title: 'The board is empty',
      async run(c) {
        const visitor = await c.client('visitor');
        const board = await c.inbox(visitor, c.topic('offers/board'));
        await board.settled();
        c.equal('retained', board.messages.length, 0);
        return 'nothing';
      },
    },
  ],
};
