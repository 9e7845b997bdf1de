// SPDX-License-Identifier: Apache-2.0
export default {
  id: 'connectivity-detection',
  title: 'Without a network',
  text: "Browsers tell when there is no network. The client does not try then, keeps what is published, and goes on when there is one. The page fires the browser's events itself here.",
  via: ['tab', 'server'],
  steps: [
    {
      title: 'Connect, and listen for what the client says',
      async run(c) {
        c.afterwards(() => globalThis.dispatchEvent(new Event('online')));
        c.told = [];
        c.phone = await c.client('phone', { cleanStart: true, sessionExpiryInterval: 60 });
        c.phone.on('offline', () => c.told.push('offline'));
        c.phone.on('online', () => c.told.push('online'));
        c.desk = await c.client('desk');
        c.inbox1 = await c.inbox(c.desk, c.topic('notes'));
        return c.phone.state;
      },
    },
    {
      title: 'The network goes: it does not try to connect',
      async run(c) {
        globalThis.dispatchEvent(new Event('offline'));
        c.phone.wire.cut();
        await c.until('it notices', () => c.phone.state === 'reconnecting');
        const attempts = c.phone.wire.opened;
        // Ten times as long as its longest delay would let it wait.
        await c.pause(600);
        c.equal('attempts', c.phone.wire.opened - attempts, 0);
        c.equal('told', c.told, ['offline']);
        return 'offline; no attempt in 600 ms';
      },
    },
    {
      title: 'What is published waits; QoS 0 does not',
      async run(c) {
        c.note = c.phone.publish(c.topic('notes'), 'written in a tunnel', { qos: 1 });
        const error = await c.fails('QoS 0', () => c.phone.publish(c.topic('notes'), 'lost', { qos: 0 }));
        c.equal('kind', error.kind, 'offline');
        c.equal('waiting', c.phone.queued.messages, 1);
        return `1 waits; QoS 0: ${error.message}`;
      },
    },
    {
      title: 'The network is back: it connects at once, and delivers',
      async run(c) {
        globalThis.dispatchEvent(new Event('online'));
        await c.connected(c.phone);
        await c.note;
        c.equal('told', c.told, ['offline', 'online']);
        return c.inbox1.reads('written in a tunnel');
      },
    },
    {
      title: 'A connection that lives on is not given up for an event',
      async run(c) {
        const before = c.phone.wire.opened;
        globalThis.dispatchEvent(new Event('offline'));
        globalThis.dispatchEvent(new Event('online'));
        await c.phone.publish(c.topic('notes'), 'still here', { qos: 1 });
        c.equal('connections', c.phone.wire.opened - before, 0);
        return c.inbox1.reads('written in a tunnel', 'still here');
      },
    },
  ],
};
