// SPDX-License-Identifier: Apache-2.0
// A retained message comes with every subscription until an empty one clears it.
import { connect, done, equal, messages, topic } from './visit.mjs';

const publisher = await connect('p');
await publisher.publishAsync(topic('kept'), 'here', { qos: 1, retain: true });
for (const name of ['one', 'two']) {
  const client = await connect(name);
  await client.subscribeAsync(topic('+'), { qos: 1 });
  const [first] = await messages(client, 1);
  equal([first.text, first.retain], ['here', true], `${name} gets it`);
  await done(client);
}
await publisher.publishAsync(topic('kept'), '', { qos: 1, retain: true });
const late = await connect('late');
await late.subscribeAsync(topic('+'), { qos: 1 });
await publisher.publishAsync(topic('other'), 'the only one', { qos: 1 });
equal((await messages(late, 1))[0].text, 'the only one', 'it was cleared');
await done(publisher, late);
