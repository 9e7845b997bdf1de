// SPDX-License-Identifier: Apache-2.0
import { PUBLISH, PUBREC, PUBREL } from '../wire.js';

async function interrupted(c, payload, direction, type) {
  c.sender.wire.cutAt(direction, type);
  const before = c.sender.wire.opened;
  await c.sender.publish(c.topic('orders/new'), payload, { qos: 2 });
  c.equal('connections that it took', c.sender.wire.opened - before, 1);
  c.equal('session', c.sender.sessionPresent, true);
  return `${payload}: cut, connected again with its session, and finished`;
}

export default {
  id: 'qos2-recovery',
  title: 'Exactly once, whatever happens',
  text: 'QoS 2 takes four packets. The wire is cut at each of them; the message still arrives, and once.',
  via: ['tab', 'server'],
  steps: [
    {
      title: 'A sender that keeps its session, and a reader',
      async run(c) {
        c.sender = await c.client('sender', { cleanStart: true, sessionExpiryInterval: 60 });
        c.reader = await c.client('reader');
        c.orders = await c.inbox(c.reader, c.topic('orders/#'), { qos: 2 });
        return 'connected';
      },
    },
    {
      title: 'Without trouble',
      async run(c) {
        const { reasonCode } = await c.sender.publish(c.topic('orders/new'), 'order 1', { qos: 2 });
        c.equal('reason', reasonCode, 0);
        return c.orders.reads('order 1');
      },
    },
    { title: 'PUBLISH is lost', run: c => interrupted(c, 'order 2', 'sent', PUBLISH) },
    { title: 'PUBREC is lost: the broker has the message, and the sender cannot know', run: c => interrupted(c, 'order 3', 'received', PUBREC) },
    { title: 'PUBREL is lost', run: c => interrupted(c, 'order 4', 'sent', PUBREL) },
    {
      title: 'What was sent again says so (DUP)',
      run(c) {
        const again = c.sender.wire.sent.filter(({ type, dup }) => type === PUBLISH && dup);
        c.ensure('there is a PUBLISH with DUP', again.length >= 1);
        return `${again.length} times`;
      },
    },
    {
      title: 'The reader loses its wire in the middle of a delivery',
      async run(c) {
        const patient = await c.client('patient', { cleanStart: true, sessionExpiryInterval: 60 });
        const inbox = await c.inbox(patient, c.topic('orders/#'), { qos: 2 });
        // It has answered with PUBREC; the broker never sees it.
        patient.wire.cutAt('sent', PUBREC);
        await c.sender.publish(c.topic('orders/new'), 'order 5', { qos: 2 });
        await inbox.awaits(1);
        await c.until('it connects again', () => patient.wire.opened === 2 && patient.state === 'connected');
        return inbox.reads('order 5');
      },
    },
    { title: 'Each came once, and in order', run: c => c.orders.reads('order 1', 'order 2', 'order 3', 'order 4', 'order 5') },
  ],
};
