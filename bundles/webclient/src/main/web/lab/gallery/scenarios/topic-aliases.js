// SPDX-License-Identifier: Apache-2.0
import { PUBLISH } from '../wire.js';

const COUNT = 100;

function bytes(packets) {
  return packets.filter(({ type }) => type === PUBLISH).reduce((sum, { length }) => sum + length, 0);
}

async function sent(c, name, topicAliases) {
  const client = await c.client(name, { topicAliases });
  const before = bytes(client.wire.sent);
  for (let n = 0; n < COUNT; n++) await client.publish(c.long, 'x', { qos: 1 });
  return bytes(client.wire.sent) - before;
}

async function received(c, name, topicAliasMaximum) {
  const client = await c.client(name, { topicAliasMaximum });
  const inbox = await c.inbox(client, c.long);
  const before = bytes(client.wire.received);
  for (let n = 0; n < COUNT; n++) await c.sender.publish(c.long, 'x', { qos: 1 });
  await inbox.awaits(COUNT);
  c.ensure('the topic is always there', inbox.messages.every(({ topic }) => topic === c.long));
  return bytes(client.wire.received) - before;
}

export default {
  id: 'topic-aliases',
  title: 'A number for a long topic',
  text: 'A Topic Alias says a topic once and then its number. Both sides use them by themselves; here the bytes are counted.',
  via: ['tab', 'server'],
  steps: [
    {
      title: `${COUNT} messages, the topic in each`,
      async run(c) {
        c.long = c.topic('company/europe/plant-7/hall-3/line-12/machine-0042/spindle/temperature');
        c.without = await sent(c, 'wordy', 0);
        return `${c.without} bytes`;
      },
    },
    {
      title: 'The same with an alias',
      async run(c) {
        const length = await sent(c, 'brief', 8);
        c.ensure(`less than a quarter: ${length} of ${c.without}`, length < c.without / 4);
        return `${length} bytes: ${Math.round((100 * (c.without - length)) / c.without)} % less`;
      },
    },
    {
      title: 'The broker uses them, too, where the client allows it',
      async run(c) {
        c.sender = await c.client('sender');
        const plain = await received(c, 'reader-1', 0);
        const aliased = await received(c, 'reader-2', 8);
        c.ensure(`less than a quarter: ${aliased} of ${plain}`, aliased < plain / 4);
        return `${plain} bytes without, ${aliased} with; the application sees the topic either way`;
      },
    },
    {
      title: 'More topics than aliases: nothing is lost',
      async run(c) {
        const client = await c.client('many', { topicAliases: 4 });
        const reader = await c.client('all', { topicAliasMaximum: 4 });
        const inbox = await c.inbox(reader, c.topic('many/#'));
        for (let n = 0; n < 60; n++) await client.publish(c.topic(`many/${n % 20}`), String(n % 20), { qos: 1 });
        await inbox.awaits(60);
        c.ensure('each has its topic', inbox.messages.every(message => message.topic === c.topic(`many/${message.text()}`)));
        return '60 messages of 20 topics, with 4 aliases';
      },
    },
  ],
};
