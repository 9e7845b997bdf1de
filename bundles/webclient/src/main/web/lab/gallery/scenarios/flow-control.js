// SPDX-License-Identifier: Apache-2.0
const MESSAGES = 20;
const AT_ONCE = 3;

export default {
  id: 'flow-control',
  title: 'No faster than one can take',
  text: 'A slow reader says how many messages it takes at once (Receive Maximum). The others wait at the broker.',
  via: ['tab', 'server'],
  steps: [
    {
      title: `A reader that takes ${AT_ONCE} at once, and acknowledges by hand`,
      async run(c) {
        c.slow = await c.client('slow', { receiveMaximum: AT_ONCE });
        c.unread = [];
        c.total = 0;
        await c.slow.subscribe(c.topic('work'), { qos: 1, manualAck: true }, message => {
          c.unread.push(message);
          c.total++;
        });
        return `Receive Maximum ${AT_ONCE}`;
      },
    },
    {
      title: `${MESSAGES} messages, as fast as it goes`,
      async run(c) {
        const fast = await c.client('fast');
        await Promise.all(Array.from({ length: MESSAGES }, (_, n) => fast.publish(c.topic('work'), String(n), { qos: 1 })));
        await c.until('the first are here', () => c.unread.length === AT_ONCE);
        return `the broker has all ${MESSAGES}`;
      },
    },
    {
      title: `${AT_ONCE} are under way, and no more`,
      async run(c) {
        // QoS 0 is not held back: what comes behind the three has passed all that could have come.
        let passed = false;
        await c.slow.subscribe(c.topic('bell'), { qos: 0 }, () => (passed = true));
        await c.slow.publish(c.topic('bell'), 'ding', { qos: 0 });
        await c.until('the bell is heard', () => passed);
        c.equal('unread', c.unread.map(message => message.text()), ['0', '1', '2']);
        return c.unread.map(message => message.text()).join(', ');
      },
    },
    {
      title: 'One is acknowledged: one comes',
      async run(c) {
        c.unread.shift().ack();
        await c.until('the next comes', () => c.total === AT_ONCE + 1);
        c.equal('unread', c.unread.map(message => message.text()), ['1', '2', '3']);
        return 'number 3';
      },
    },
    {
      title: 'All others follow, in order, and never more than it takes',
      async run(c) {
        const order = [0];
        let most = 0;
        while (order.length < MESSAGES) {
          await c.until('there is one', () => c.unread.length > 0);
          most = Math.max(most, c.unread.length);
          const message = c.unread.shift();
          order.push(Number(message.text()));
          message.ack();
        }
        c.equal('order', order, Array.from({ length: MESSAGES }, (_, n) => n));
        c.ensure(`at most ${AT_ONCE} at once (${most})`, most <= AT_ONCE);
        return `${MESSAGES} in order, ${most} at once at most`;
      },
    },
  ],
};
