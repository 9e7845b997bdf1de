// SPDX-License-Identifier: Apache-2.0
export default {
  id: 'change-only-delivery',
  title: 'Only what changes',
  text: 'Sensors repeat themselves. A broker with changesOnly routes a message when it says something else than the last of its topic.',
  steps: [
    {
      title: "Open a broker with changesOnly: ['sensors/#']",
      async run(c) {
        c.dropped = [];
        c.here = await c.broker({ changesOnly: ['sensors/#'] });
        c.here.on('dropped', ({ drop }) => c.dropped.push(drop));
        c.panel = await c.client('panel');
        c.values = await c.inbox(c.panel, '#');
        c.sensor = await c.client('sensor');
        return 'a panel subscribes to everything';
      },
    },
    {
      title: 'The same value ten times: it is delivered once, and acknowledged ten times',
      async run(c) {
        const reasons = [];
        for (let n = 0; n < 10; n++) reasons.push((await c.sensor.publish('sensors/1', '20.5', { qos: 1 })).reasonCode);
        c.equal('acknowledged', reasons, Array(10).fill(0));
        await c.values.reads('20.5');
        return '1 of 10';
      },
    },
    {
      title: 'Each change comes, also one back',
      async run(c) {
        for (const value of ['20.5', '20.6', '20.6', '20.5']) await c.sensor.publish('sensors/1', value, { qos: 1 });
        return c.values.reads('20.5', '20.6', '20.5');
      },
    },
    {
      title: 'Topics are compared with themselves, and other topics not at all',
      async run(c) {
        c.values.messages = [];
        await c.sensor.publish('sensors/2', '20.5', { qos: 1 });
        for (let n = 0; n < 2; n++) await c.sensor.publish('doorbell', 'ring', { qos: 1 });
        return c.values.reads('20.5', 'ring', 'ring');
      },
    },
    {
      title: 'What was left out is counted',
      run(c) {
        c.equal('dropped', c.dropped.length, 11);
        c.ensure('all as INTERCEPTED', c.dropped.every(drop => drop === 'INTERCEPTED'));
        return `${c.dropped.length} messages, INTERCEPTED`;
      },
    },
    {
      title: 'Who comes later hears the next report, also where nothing changed',
      async run(c) {
        c.values.messages = [];
        const newcomer = await c.client('newcomer');
        const heard = await c.inbox(newcomer, 'sensors/2');
        for (let n = 0; n < 3; n++) await c.sensor.publish('sensors/2', '20.5', { qos: 1 });
        await heard.reads('20.5');
        return c.values.reads('20.5');
      },
    },
    {
      title: 'Who comes later gets the retained value, as ever',
      async run(c) {
        await c.sensor.publish('sensors/1', '20.5', { qos: 1, retain: true });
        const late = await c.client('late');
        const message = await (await c.inbox(late, 'sensors/1')).awaits(1);
        c.equal('retained', [message.text(), message.retain], ['20.5', true]);
        return '20.5, retained';
      },
    },
  ],
};
