// SPDX-License-Identifier: Apache-2.0
export default {
  id: 'will-message',
  title: 'A last will',
  text: 'What a client wants to be said when it is gone without a goodbye: at once, later, or not at all.',
  via: ['tab', 'server'],
  steps: [
    {
      title: 'Somebody watches',
      async run(c) {
        c.watcher = await c.client('watcher');
        c.status = await c.inbox(c.watcher, c.topic('status/#'), { qos: 1 });
        c.device = (name, will = {}) =>
          c.client(name, {
            reconnect: false,
            will: { topic: c.topic(`status/${name}`), payload: `${name} is gone`, qos: 1, contentType: 'text/plain', ...will },
          });
        return 'subscribed to status/#';
      },
    },
    {
      title: 'The wire of a device is cut: its will is published',
      async run(c) {
        (await c.device('pump')).wire.cut();
        const message = await c.status.awaits(1);
        c.equal('will', [message.text(), message.properties.contentType], ['pump is gone', 'text/plain']);
        return message.text();
      },
    },
    {
      title: 'One that says goodbye has no will',
      async run(c) {
        await (await c.device('valve')).disconnect();
        await c.status.settled();
        c.equal('messages', c.status.texts, ['pump is gone']);
        return 'nothing came';
      },
    },
    {
      title: 'Unless it asks for it (reason 0x04)',
      async run(c) {
        await (await c.device('lamp')).disconnect({ reasonCode: 4 });
        return (await c.status.awaits(2)).text();
      },
    },
    {
      title: 'A will with a delay: whoever is back in time is not missed',
      async run(c) {
        const device = await c.client('cart', {
          sessionExpiryInterval: 60,
          will: { topic: c.topic('status/cart'), payload: 'cart is gone', qos: 1, willDelayInterval: 2 },
        });
        device.wire.cut();
        await c.until('it is back', () => device.wire.opened === 2 && device.state === 'connected');
        // Longer than the delay of its will.
        await c.pause(2_300);
        await c.status.settled();
        c.equal('messages', c.status.messages.length, 2);
        return 'nothing came';
      },
    },
    {
      title: 'Whoever is not back in time is',
      async run(c) {
        const gone = performance.now();
        // A session that ends with its connection has its will sent at once: this one waits.
        const patient = await c.client('fence', {
          reconnect: false,
          sessionExpiryInterval: 60,
          will: { topic: c.topic('status/fence'), payload: 'fence is gone', qos: 1, willDelayInterval: 1 },
        });
        patient.wire.cut();
        const message = await c.status.awaits(3);
        const after = performance.now() - gone;
        c.equal('will', message.text(), 'fence is gone');
        c.ensure(`after a second (${Math.round(after)} ms)`, after >= 900);
        return `${message.text()}, after ${Math.round(after)} ms`;
      },
    },
    {
      title: 'A will that is retained is there for who comes later',
      async run(c) {
        (await c.device('boiler', { retain: true })).wire.cut();
        await c.status.awaits(4);
        const late = await c.client('late');
        const message = await (await c.inbox(late, c.topic('status/boiler'))).awaits(1);
        c.equal('retained', [message.text(), message.retain], ['boiler is gone', true]);
        await late.publish(c.topic('status/boiler'), '', { qos: 1, retain: true });
        return `${message.text()}, retained`;
      },
    },
  ],
};
