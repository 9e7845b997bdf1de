// SPDX-License-Identifier: Apache-2.0
export default {
  id: 'retained-messages',
  title: 'The last word of a topic',
  text: 'A retained message waits for who subscribes later. There is one for each topic, and an empty one clears it.',
  via: ['tab', 'server'],
  steps: [
    {
      title: 'Three devices report, and leave',
      async run(c) {
        for (const [name, value] of [['kitchen', '21'], ['cellar', '12'], ['roof', '30']]) {
          const device = await c.client(name);
          await device.publish(c.topic(`rooms/${name}`), value, { qos: 1, retain: true });
          await device.disconnect();
        }
        return '3 retained messages';
      },
    },
    {
      title: 'Who subscribes afterwards knows at once',
      async run(c) {
        c.late = await c.client('late');
        c.rooms = await c.inbox(c.late, c.topic('rooms/+'));
        await c.rooms.awaits(3);
        c.equal('values', c.rooms.texts.toSorted(), ['12', '21', '30']);
        c.ensure('all are marked as retained', c.rooms.messages.every(({ retain }) => retain));
        return c.rooms.messages.map(({ topic, payload }) => `${topic.split('/').at(-1)} ${new TextDecoder().decode(payload)}`).join(', ');
      },
    },
    {
      title: 'A newer one takes its place; who is there gets it as any other',
      async run(c) {
        await c.late.publish(c.topic('rooms/kitchen'), '22', { qos: 1, retain: true });
        const message = await c.rooms.awaits(4);
        c.equal('live', [message.text(), message.retain], ['22', false]);
        const later = await c.client('later');
        const first = await (await c.inbox(later, c.topic('rooms/kitchen'))).awaits(1);
        c.equal('kept', [first.text(), first.retain], ['22', true]);
        return '22, not 21';
      },
    },
    {
      title: 'Retain as published tells it in live messages, too',
      async run(c) {
        const bridge = await c.client('bridge');
        const inbox = await c.inbox(bridge, c.topic('rooms/kitchen'), { qos: 1, retainAsPublished: true, retainHandling: 2 });
        await inbox.settled();
        c.equal('nothing at first', inbox.messages.length, 0);
        await c.late.publish(c.topic('rooms/kitchen'), '23', { qos: 1, retain: true });
        c.equal('flag', (await inbox.awaits(1)).retain, true);
        return 'retain = 1; and none of the old ones, as asked (retain handling 2)';
      },
    },
    {
      title: 'An empty message clears the topic',
      async run(c) {
        for (const name of ['kitchen', 'cellar', 'roof']) await c.late.publish(c.topic(`rooms/${name}`), '', { qos: 1, retain: true });
        const last = await c.client('last');
        const inbox = await c.inbox(last, c.topic('rooms/+'));
        await inbox.settled();
        c.equal('messages', inbox.messages.length, 0);
        return 'nothing is retained any more';
      },
    },
  ],
};
