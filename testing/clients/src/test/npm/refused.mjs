// SPDX-License-Identifier: Apache-2.0
// Who may not come in, and what may not be subscribed, is told so.
import { check, connect, done, equal, event, open, topic, v5 } from './visit.mjs';

const intruder = open('i', { username: 'intruder', password: 'x' });
intruder.expectsError = true;
equal((await event(intruder, 'error')).code, v5 ? 0x86 : 4, 'CONNACK says Bad user name or password');
intruder.end(true);

const client = await connect('c');
const answer = await client.subscribeAsync('forbidden/x', { qos: 1 }).then(
  () => 'granted',
  (error) => error.message,
);
check(answer.endsWith(v5 ? 'Not authorized' : 'Unspecified error'), `SUBACK refuses: ${answer}`);
await client.subscribeAsync(topic('t'));
await done(client);
