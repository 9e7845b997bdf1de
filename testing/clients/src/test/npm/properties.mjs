// SPDX-License-Identifier: Apache-2.0
// MQTT 5: properties arrive, topics have aliases, requests find answers, and reasons are told.
import { check, connect, done, equal, event, messages, open, topic } from './visit.mjs';

const client = await connect('c', { properties: { topicAliasMaximum: 2 }, autoAssignTopicAlias: true });
check(client.connack.properties.topicAliasMaximum > 0, 'CONNACK allows topic aliases');
await client.subscribeAsync(topic('p/#'), { qos: 2, properties: { subscriptionIdentifier: 7 } });
const sent = {
  payloadFormatIndicator: true,
  messageExpiryInterval: 3600,
  contentType: 'text/plain',
  responseTopic: topic('answers'),
  correlationData: Buffer.from([0, 1, 255]),
  userProperties: { unit: '°C', many: ['b', 'a'] },
};
await client.publishAsync(topic('p/1'), 'all', { qos: 2, properties: { ...sent } });
const got = (await messages(client, 1))[0].packet.properties;
for (const name of ['payloadFormatIndicator', 'contentType', 'responseTopic', 'userProperties']) {
  equal(got[name], sent[name], `${name} arrives`);
}
check(Buffer.compare(got.correlationData, sent.correlationData) === 0, 'correlationData arrives');
check(got.messageExpiryInterval > 3500 && got.messageExpiryInterval <= 3600, 'messageExpiryInterval counts down');
equal(got.subscriptionIdentifier, 7, 'the Subscription Identifier tells the subscription');

const topics = Array.from({ length: 60 }, (_, i) => topic(`p/${i % 6}`));
for (const name of topics) client.publish(name, 'x', { qos: 1 });
equal((await messages(client, 61)).slice(1).map((m) => m.topic), topics, 'aliases stand for the right topics');

const refused = await client.publishAsync('forbidden/x', 'x', { qos: 1 }).catch((error) => error);
equal(refused.code, 0x87, 'PUBACK says Not authorized');

client.expectsDisconnect = true;
const young = open('c');
const [farewell] = await Promise.all([event(client, 'disconnect'), event(young, 'connect')]);
equal(farewell.reasonCode, 0x8e, 'DISCONNECT says Session taken over');
await done(young);
client.end(true);
