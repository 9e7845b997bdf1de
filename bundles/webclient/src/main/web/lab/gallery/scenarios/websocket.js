// SPDX-License-Identifier: Apache-2.0
export default {
  id: 'websocket',
  title: 'A broker over WebSocket',
  text: 'A client in the page, a broker on the network: the server that this page came from.',
  via: ['server'],
  steps: [
    {
      title: 'Connect, with a will and user properties',
      async run(c) {
        c.client1 = await c.unconnected('ws', {
          will: { topic: c.topic('ws/status'), payload: 'gone', qos: 1 },
          userProperties: [['page', 'gallery']],
        });
        const properties = await c.client1.connect();
        return `connected to ${c.serverUrl}; it takes ${properties.receiveMaximum ?? 65_535} messages at once`;
      },
    },
    {
      title: 'Subscribe with QoS 1',
      async run(c) {
        c.inbox1 = await c.inbox(c.client1, c.topic('ws/#'), { qos: 1 });
        c.equal('granted', c.inbox1.subscription.granted, [1]);
        return 'granted QoS 1';
      },
    },
    {
      title: 'Publish with user properties: they arrive in their order',
      async run(c) {
        const userProperties = [['unit', 'celsius'], ['unit', 'kelvin'], ['from', 'a browser']];
        const { reasonCode } = await c.client1.publish(c.topic('ws/temperature'), '21', { qos: 1, userProperties });
        const message = await c.inbox1.awaits(1);
        c.equal('reason', reasonCode, 0);
        c.equal('properties', message.properties.userProperties, userProperties);
        return `${message.text()} with ${userProperties.length} user properties`;
      },
    },
    {
      title: 'All bytes come as they went',
      async run(c) {
        const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
        await c.client1.publish(c.topic('ws/bytes'), bytes, { qos: 2 });
        const { payload } = await c.inbox1.awaits(2);
        c.equal('payload', [...payload], [...bytes]);
        return '256 bytes, from 0x00 to 0xFF';
      },
    },
    {
      title: 'After unsubscribing nothing comes',
      async run(c) {
        await c.inbox1.subscription.unsubscribe();
        await c.client1.publish(c.topic('ws/temperature'), '22', { qos: 1 });
        await c.inbox1.settled();
        c.equal('messages', c.inbox1.messages.length, 2);
        return 'still 2 messages';
      },
    },
    {
      title: 'Disconnect',
      async run(c) {
        await c.client1.disconnect();
        c.equal('state', c.client1.state, 'disconnected');
        return c.client1.state;
      },
    },
  ],
};
