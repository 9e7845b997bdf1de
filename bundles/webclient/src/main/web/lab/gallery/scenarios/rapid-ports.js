// SPDX-License-Identifier: Apache-2.0
const CLIENTS = 100;
const CYCLES = 100;

async function nobodyIsLeft(c) {
  await c.until('the broker has no client but ours', () => c.here.clients().every(({ client }) => client === 'ours'));
  await c.ours.publish('alive', 'yes', { qos: 1 });
}

/** A port with which one says bytes, and hears them. */
function rawPort(c) {
  const port = c.here.createPort();
  port.heard = [];
  port.closed = false;
  port.onmessage = ({ data }) => {
    if (data === null) port.closed = true;
    else if (data instanceof Uint8Array) port.heard.push(...data);
  };
  return port;
}

// CONNECT of MQTT 5, clean start, no client identifier.
const CONNECT = new Uint8Array([0x10, 13, 0, 4, 77, 81, 84, 84, 5, 2, 0, 60, 0, 0, 0]);

export default {
  id: 'rapid-ports',
  title: 'Ports in haste',
  text: 'Seven ways to open and close connections to a broker faster than any page should. It must serve the next one as the first.',
  steps: [
    {
      title: '1. 500 ports that are never used, and closed',
      async run(c) {
        c.here = await c.broker();
        c.ours = await c.client('ours');
        for (let n = 0; n < 500; n++) {
          const port = c.here.createPort();
          port.postMessage(null);
          port.close();
        }
        await nobodyIsLeft(c);
        return 'closed';
      },
    },
    {
      title: `2. ${CLIENTS} clients at once, and a message to all`,
      async run(c) {
        const clients = await Promise.all(Array.from({ length: CLIENTS }, (_, n) => c.client(`many-${n}`)));
        let heard = 0;
        await Promise.all(clients.map(client => client.subscribe('all', { qos: 1 }, () => heard++)));
        await c.ours.publish('all', 'hello', { qos: 1 });
        await c.until('all have it', () => heard === CLIENTS);
        c.equal('clients', c.here.clients().length, CLIENTS + 1);
        await Promise.all(clients.map(client => client.end()));
        await nobodyIsLeft(c);
        return `${heard} heard it`;
      },
    },
    {
      title: `3. One client, ${CYCLES} times in and out`,
      async run(c) {
        const client = await c.unconnected('cycle', { reconnect: false });
        for (let n = 0; n < CYCLES; n++) {
          await client.connect();
          await client.disconnect();
        }
        await nobodyIsLeft(c);
        return `${client.wire.opened} connections`;
      },
    },
    {
      title: '4. The same identifier again and again: the last one has it',
      async run(c) {
        const sameIds = [];
        for (let n = 0; n < 5; n++) sameIds.push(await c.client('same', { reconnect: false }));
        await c.until('one is left', () => sameIds.filter(({ state }) => state === 'connected').length === 1);
        c.equal('it is the last', sameIds[4].state, 'connected');
        await sameIds[4].end();
        await nobodyIsLeft(c);
        return '4 were taken over';
      },
    },
    {
      title: '5. Wires that are cut in the middle of a CONNECT',
      async run(c) {
        for (let n = 0; n < 200; n++) {
          const port = rawPort(c);
          port.postMessage(CONNECT.slice(0, 1 + (n % (CONNECT.length - 1))));
          port.postMessage(null);
          port.close();
        }
        await nobodyIsLeft(c);
        return '200 of them';
      },
    },
    {
      title: '6. Byte by byte, and all in one piece',
      async run(c) {
        const slow = rawPort(c);
        for (const byte of CONNECT) slow.postMessage(new Uint8Array([byte]));
        await c.until('CONNACK', () => slow.heard[0] === 0x20 && slow.heard[3] === 0);
        // CONNECT, PINGREQ and DISCONNECT.
        const quick = rawPort(c);
        quick.postMessage(new Uint8Array([...CONNECT, 0xc0, 0, 0xe0, 0]));
        await c.until('CONNACK and PINGRESP', () => quick.closed && quick.heard.join().endsWith('208,0'));
        slow.postMessage(null);
        slow.close();
        await nobodyIsLeft(c);
        return 'both were understood';
      },
    },
    {
      title: '7. Nonsense: the port is closed, and nobody else notices',
      async run(c) {
        const ports = [];
        for (let n = 0; n < 50; n++) {
          const port = rawPort(c);
          port.postMessage(crypto.getRandomValues(new Uint8Array(64)).fill(0xff, 0, 8));
          ports.push(port);
        }
        await c.until('all are closed', () => ports.every(({ closed }) => closed));
        await nobodyIsLeft(c);
        return '50 of them';
      },
    },
  ],
};
