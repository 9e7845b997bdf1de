// SPDX-License-Identifier: Apache-2.0
import { addBridge, bridges, messagePort, removeBridge } from '../../../courtier/courtier.js';

export default {
  id: 'broker-bridge',
  title: 'Two brokers and a bridge',
  text: 'A bridge carries topics between two brokers of this tab, in, out or both ways, under other names if one likes.',
  steps: [
    {
      title: 'Open two brokers, and bridge them',
      async run(c) {
        c.home = await c.broker();
        c.plant = await c.broker();
        c.bridge = await addBridge(c.home, {
          name: 'to-plant',
          transport: messagePort(() => c.plant.createPort()),
          reconnect: { initialDelay: 20, maxDelay: 100 },
          topics: [
            { filter: 'shared/#', direction: 'both' },
            { filter: 'status/#', direction: 'out', remotePrefix: 'home/' },
            { filter: 'alarms/#', direction: 'in', localPrefix: 'plant/' },
          ],
        });
        await c.until('the bridge is connected', () => c.bridge.state === 'connected');
        return `bridge ${c.bridge.name}: ${c.bridge.state}`;
      },
    },
    {
      title: 'Clients on each side',
      async run(c) {
        c.ann = await c.client('ann', { broker: c.home });
        c.ben = await c.client('ben', { broker: c.plant });
        c.annReads = await c.inbox(c.ann, '#');
        c.benReads = await c.inbox(c.ben, '#');
        return 'one client on each, subscribed to everything';
      },
    },
    {
      title: 'What is published on one side arrives on the other, once',
      async run(c) {
        await c.ann.publish('shared/hello', 'from home', { qos: 1 });
        await c.benReads.awaits(1);
        await c.ben.publish('shared/hello', 'from the plant', { qos: 1 });
        await c.annReads.awaits(2);
        c.equal('at the plant', c.benReads.texts, ['from home', 'from the plant']);
        c.equal('at home', c.annReads.texts, ['from home', 'from the plant']);
        return c.benReads.texts.join(', ');
      },
    },
    {
      title: 'Topics get a prefix on their way',
      async run(c) {
        await c.ann.publish('status/door', 'open', { qos: 1 });
        await c.ben.publish('alarms/fire', 'test', { qos: 1 });
        const there = await c.benReads.awaits(3);
        const here = await c.annReads.awaits(4);
        c.equal('topics', [there.topic, here.topic], ['home/status/door', 'plant/alarms/fire']);
        return `${there.topic} there, ${here.topic} here`;
      },
    },
    {
      title: 'What it carried is counted; then it is taken away',
      async run(c) {
        await c.until('it is counted', () => c.bridge.counts.out === 2 && c.bridge.counts.in === 2);
        c.equal('removed', removeBridge(c.home, 'to-plant'), true);
        c.equal('bridges', bridges(c.home).length, 0);
        await c.ann.publish('shared/hello', 'anybody there?', { qos: 1 });
        await c.benReads.settled();
        c.equal('at the plant', c.benReads.messages.filter(message => message.text() === 'anybody there?').length, 0);
        return `carried ${c.bridge.counts.out} out and ${c.bridge.counts.in} in`;
      },
    },
  ],
};
