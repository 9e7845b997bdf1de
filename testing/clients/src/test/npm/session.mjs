// SPDX-License-Identifier: Apache-2.0
// With clean: false the client comes back by itself to its session, and to all that it missed.
import { connect, done, equal, event, messages, topic, v5 } from './visit.mjs';

const lasting = { clean: false, reconnectPeriod: 100, resubscribe: false };
if (v5) lasting.properties = { sessionExpiryInterval: 3600 };
const client = await connect('c', lasting);
equal(client.connack.sessionPresent, false, 'the session is new');
await client.subscribeAsync(topic('t'), { qos: 2 });
const publisher = await connect('p');
await publisher.publishAsync(topic('t'), 'before', { qos: 2 });
await messages(client, 1);

const gone = event(client, 'close');
const back = event(client, 'connect');
client.stream.destroy();
await gone;
for (let i = 0; i < 20; i++) await publisher.publishAsync(topic('t'), `missed ${i}`, { qos: 1 + (i >= 10) });
equal((await back).sessionPresent, true, 'the session is found again');
const expected = ['before', ...Array.from({ length: 20 }, (_, i) => `missed ${i}`)];
equal((await messages(client, 21)).map((m) => m.text), expected, 'nothing was missed');
await done(client, publisher);
