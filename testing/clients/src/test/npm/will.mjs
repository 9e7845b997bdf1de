// SPDX-License-Identifier: Apache-2.0
// The will is published when the connection breaks, and not when the client says goodbye.
import { connect, done, equal, messages, topic, v5 } from './visit.mjs';

const watcher = await connect('w');
await watcher.subscribeAsync(topic('will'), { qos: 1 });
const will = { topic: topic('will'), payload: Buffer.from('farewell'), qos: 1, retain: false };
if (v5) will.properties = { contentType: 'text/plain', userProperties: { why: 'broken' } };

const polite = await connect('polite', { will: { ...will, payload: Buffer.from('unsaid') } });
await polite.endAsync();
const dying = await connect('dying', { will });
dying.stream.destroy();

const [said] = await messages(watcher, 1);
equal([said.text, said.qos], ['farewell', 1], 'the will of the broken one came');
if (v5) {
  equal(said.packet.properties.contentType, 'text/plain', 'with its content type');
  equal(said.packet.properties.userProperties, { why: 'broken' }, 'and its user property');
}
await done(watcher);
dying.end(true);
