// SPDX-License-Identifier: Apache-2.0
const USE_ANOTHER_SERVER = 0x9c;
const SERVER_MOVED = 0x9d;

/** Connects, and goes where it is told: the application decides that, not the client. */
async function follow(c, name) {
  let broker = c.front;
  for (let hops = 0; hops < 3; hops++) {
    const client = await c.unconnected(name, { broker });
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (error.kind !== 'redirected') throw error;
      c.answers.push(error);
      broker = c.backends[error.serverReference];
      if (!broker) throw new Error(`a server that nobody knows: ${error.serverReference}`);
    }
  }
  throw new Error('sent round in circles');
}

export default {
  id: 'load-balancer-redirect',
  title: 'Sent to another server',
  text: 'A broker that lets nobody in but says where to go: CONNACK with 0x9C and a Server Reference. The page follows it.',
  steps: [
    {
      title: 'Open two brokers, and one before them that only redirects',
      async run(c) {
        c.answers = [];
        c.backends = { 'backend-0': await c.broker(), 'backend-1': await c.broker() };
        c.front = await c.broker({
          authenticate({ client }) {
            if (client === 'old') return { reason: SERVER_MOVED, serverReference: 'backend-1', why: 'moved for good' };
            const number = [...client].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 2;
            return { reason: USE_ANOTHER_SERVER, serverReference: `backend-${number}`, why: 'balanced' };
          },
        });
        return Object.keys(c.backends).join(', ');
      },
    },
    {
      title: 'A client is told where to go, and does not go by itself',
      async run(c) {
        const client = await c.unconnected('device-x', { broker: c.front });
        const error = await c.fails('the front lets it in', () => client.connect());
        c.equal('error', [error.kind, error.reasonCode, client.state], ['redirected', USE_ANOTHER_SERVER, 'disconnected']);
        c.ensure('it names a backend', error.serverReference in c.backends);
        return `0x9C, Server Reference ${error.serverReference}`;
      },
    },
    {
      title: 'Ten clients follow, and are spread',
      async run(c) {
        c.devices = [];
        for (let n = 0; n < 10; n++) c.devices.push(await follow(c, `device-${n}`));
        const load = Object.values(c.backends).map(broker => broker.clients().length);
        c.equal('load', load, [5, 5]);
        c.equal('at the front', c.front.clients().length, 0);
        return `${load.join(' and ')} clients; the front has none`;
      },
    },
    {
      title: 'One that moved for good is told so (0x9D)',
      async run(c) {
        c.answers = [];
        const client = await follow(c, 'old');
        c.equal('told', c.answers.map(({ reasonCode }) => reasonCode), [SERVER_MOVED]);
        c.equal('state', client.state, 'connected');
        return `moved to ${c.answers[0].serverReference}`;
      },
    },
    {
      title: 'They can be used there',
      async run(c) {
        const inbox = await c.inbox(c.devices[0], 'news');
        const neighbour = c.devices[2];
        await neighbour.publish('news', 'same backend', { qos: 1 });
        return inbox.reads('same backend');
      },
    },
  ],
};
