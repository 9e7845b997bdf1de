// SPDX-License-Identifier: Apache-2.0
export default {
  id: 'sys-monitoring',
  title: 'What the broker says of itself',
  text: 'Under $SYS/broker/ the broker of the tab publishes what it counts: clients, messages, bytes, what it dropped.',
  steps: [
    {
      title: 'Ask for it once a second, and subscribe',
      async run(c) {
        c.here = await c.broker();
        c.here.startSysTopics(1);
        c.watcher = await c.client('watcher');
        c.values = new Map();
        c.updates = 0;
        await c.watcher.subscribe('$SYS/broker/#', { qos: 0 }, message => {
          c.values.set(message.topic.slice('$SYS/broker/'.length), message.text());
          c.updates++;
        });
        await c.until('they are here', () => c.values.size >= 15);
        return [...c.values].map(([name, value]) => `${name}: ${value}`).join('\n');
      },
    },
    {
      title: 'Five clients more: it is told within two seconds',
      async run(c) {
        for (let n = 0; n < 5; n++) await c.client(`client-${n}`);
        await c.until('6 are connected', () => c.values.get('clients/connected') === '6', 3_000);
        return `clients/connected: ${c.values.get('clients/connected')}`;
      },
    },
    {
      title: 'Messages are counted',
      async run(c) {
        const sender = await c.client('sender');
        const before = Number(c.values.get('messages/received'));
        for (let n = 0; n < 50; n++) await sender.publish('x', 'y', { qos: 1 });
        await c.until('50 more', () => Number(c.values.get('messages/received')) >= before + 50, 3_000);
        return `messages/received: ${before}, then ${c.values.get('messages/received')}`;
      },
    },
    {
      title: 'A subscription to everything does not get it',
      async run(c) {
        const all = await c.inbox(c.watcher, '#');
        const before = c.updates;
        await c.until('an update came', () => c.updates > before, 3_000);
        await all.settled();
        c.equal('messages', all.messages.length, 0);
        return 'topics with $ are asked for by name';
      },
    },
    {
      title: 'Nobody else may speak for the broker',
      async run(c) {
        const error = await c.fails('a client publishes there', () => c.watcher.publish('$SYS/broker/version', 'mine', { qos: 1 }));
        c.equal('reason', error.reasonCode, 0x87);
        return error.message;
      },
    },
    {
      title: 'No more of it: what was retained is gone',
      async run(c) {
        c.here.stopSysTopics();
        const late = await c.client('late');
        const inbox = await c.inbox(late, '$SYS/#');
        await inbox.settled();
        c.equal('retained', inbox.messages.length, 0);
        return 'nothing';
      },
    },
  ],
};
