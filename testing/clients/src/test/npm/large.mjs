// SPDX-License-Identifier: Apache-2.0
// A payload of 900 KB arrives whole, in both directions at once.
import { randomBytes } from 'node:crypto';
import { check, connect, done, messages, topic } from './visit.mjs';

const client = await connect('c');
await client.subscribeAsync(topic('large'), { qos: 1 });
const large = randomBytes(900_000);
for (let i = 0; i < 3; i++) await client.publishAsync(topic('large'), large, { qos: 1 });
for (const m of await messages(client, 3)) check(m.packet.payload.equals(large), 'it is whole');
await done(client);
