// SPDX-License-Identifier: Apache-2.0
// Messages of every QoS arrive as they were sent, the empty one too; afterwards unsubscribing ends it.
import { connect, done, equal, messages, topic } from './visit.mjs';

const client = await connect('c');
const granted = await client.subscribeAsync(topic('t'), { qos: 2 });
equal(granted[0].qos, 2, 'granted QoS 2');
for (const qos of [0, 1, 2]) await client.publishAsync(topic('t'), `at ${qos} °C`, { qos });
await client.publishAsync(topic('t'), '', { qos: 1 });
const got = await messages(client, 4);
equal(got.map((m) => [m.text, m.qos]), [['at 0 °C', 0], ['at 1 °C', 1], ['at 2 °C', 2], ['', 1]], 'every QoS arrives');

await client.subscribeAsync(topic('other'), { qos: 1 });
await client.unsubscribeAsync(topic('t'));
await client.publishAsync(topic('t'), 'unwanted', { qos: 1 });
await client.publishAsync(topic('other'), 'wanted', { qos: 1 });
equal((await messages(client, 5))[4].text, 'wanted', 'nothing comes after unsubscribing');
await done(client);
