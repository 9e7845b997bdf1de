// SPDX-License-Identifier: Apache-2.0
export default {
  id: 'session-recovery',
  title: 'A session that waits',
  text: 'A client that loses its connection comes back to its session: its subscriptions are there, and what came meanwhile.',
  via: ['tab', 'server'],
  steps: [
    {
      title: 'Connect with a session that is kept for a minute, and subscribe',
      async run(c) {
        c.phone = await c.client('phone', { cleanStart: false, sessionExpiryInterval: 60 });
        c.equal('session present', c.phone.sessionPresent, false);
        c.news = await c.inbox(c.phone, c.topic('news/#'), { qos: 1 });
        return 'a new session';
      },
    },
    {
      title: 'Its wire is cut, and stays so',
      async run(c) {
        c.phone.wire.down = true;
        c.phone.wire.cut();
        await c.until('it notices', () => c.phone.state === 'reconnecting');
        return c.phone.state;
      },
    },
    {
      title: 'Others publish meanwhile',
      async run(c) {
        c.paper = await c.client('paper');
        for (const text of ['first', 'second', 'third']) await c.paper.publish(c.topic('news/today'), text, { qos: 1 });
        return '3 messages';
      },
    },
    {
      title: 'It publishes, too: that waits in the client',
      async run(c) {
        c.reader = await c.inbox(c.paper, c.topic('letters'), { qos: 1 });
        c.letter = c.phone.publish(c.topic('letters'), 'to the editor', { qos: 1 });
        await c.until('it waits', () => c.phone.queued.messages === 1);
        return '1 message waits';
      },
    },
    {
      title: 'The wire is well again: everything comes, in order, once',
      async run(c) {
        c.phone.wire.down = false;
        await c.connected(c.phone);
        c.equal('session present', c.phone.sessionPresent, true);
        await c.letter;
        await c.reader.reads('to the editor');
        return c.news.reads('first', 'second', 'third');
      },
    },
    {
      title: 'Who begins anew has nothing',
      async run(c) {
        await c.phone.end();
        const anew = await c.client('phone', { cleanStart: true });
        c.equal('session present', anew.sessionPresent, false);
        return 'no session, as asked';
      },
    },
  ],
};
