// SPDX-License-Identifier: Apache-2.0
// Five thousand messages arrive once and in order, at QoS 1 and then at QoS 2.
import { connect, done, equal, messages, topic, v5 } from './visit.mjs';

const MANY = 5000;
const slow = v5 ? { properties: { receiveMaximum: 50 } } : {};
const subscriber = await connect('s', slow);
const publisher = await connect('p');
// MQTT.js does not count by itself what CONNACK allows under way at once.
const window = publisher.connack.properties?.receiveMaximum ?? 1000;
const numbers = Array.from({ length: MANY }, (_, i) => i);
for (const qos of [1, 2]) {
  subscriber.inbox = [];
  await subscriber.subscribeAsync(topic(`q${qos}`), { qos });
  for (let from = 0; from < MANY; from += window) {
    const wave = numbers.slice(from, from + window);
    await Promise.all(wave.map((i) => publisher.publishAsync(topic(`q${qos}`), String(i), { qos })));
  }
  await publisher.publishAsync(topic(`q${qos}`), 'end', { qos });
  const got = (await messages(subscriber, MANY + 1)).map((m) => m.text);
  equal(got.length, MANY + 1, `${MANY} at QoS ${qos}`);
  equal(got, [...numbers.map(String), 'end'], 'in order');
}
await done(publisher, subscriber);
