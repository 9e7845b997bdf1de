// SPDX-License-Identifier: Apache-2.0
// The client snippets of "Mqtt-Example" (Mosca), each as its author wrote it, with the hosts and files of this test.
import assert from 'node:assert';
import fs from 'node:fs';
import mqtt from 'mqtt';

const [url, name, ca] = process.argv.slice(2);
const printed = [];
const console = { log: (...words) => printed.push(words.join(' ')) };
const until = async (what, fact) => {
  for (let tries = 0; !fact(); tries++) {
    assert(tries < 2000, `waited in vain for ${what}; ${printed.join('; ')}`);
    await new Promise((done) => setTimeout(done, 5));
  }
};
const on = (client) => {
  client.on('connect', function () {
    console.log('cleint is connected');
  });
  client.on('reconnect', function () {
    console.log('cleint is reconnected');
  });
  client.on('error', function (err) {
    console.log('error from client --> ', err);
  });
  client.on('close', function () {
    console.log('cleint is closed');
  });
  client.on('offline', function (err) {
    console.log('client is offline');
  });
  client.on('message', function (topic, message) {
    console.log(message.toString()); // message is Buffer
  });
  return client;
};

const client_Id = name;
const options = {
  keepalive: 10,
  clientId: client_Id,
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true, //set to false to receive QoS 1 and 2 messages while offline
  reconnectPeriod: 1000,
  connectTimeout: 30 * 1000,
  will: {
    //in case of any abnormal client close this message will be fired
    topic: 'ErrorMsg',
    payload: 'Connection Closed abnormally..!',
    qos: 0,
    retain: false,
  },
  username: 'demo',
  password: 'demo',
  rejectUnauthorized: false,
};
if (ca) {
  // "Tls connection"
  Object.assign(options, { rejectUnauthorized: true, ca: fs.readFileSync(ca) });
}
const client = on(mqtt.connect(url, options));

// "Subscribe to a topic", and several at a time
client.subscribe('topic/client', { qos: 1 }, function (err, granted) {
  if (err) console.log(err);
  else console.log('client connected : ', JSON.stringify(granted));
});
client.subscribe({ test1: { qos: 0 }, test2: { qos: 1 } }, (err, granted) => console.log('both : ', JSON.stringify(granted)));
await until('both subscriptions', () => printed.some((line) => line.startsWith('both : ')));

// "Publish"
client.publish(
  'topic/client',
  JSON.stringify({ name: 'saikat', title: 'hajra' }),
  { retain: true, qos: 1 },
  function () {
    console.log('message published');
  },
);
await until('the message', () => printed.includes('{"name":"saikat","title":"hajra"}') && printed.includes('message published'));
assert.equal(printed[0], 'cleint is connected');
assert.equal(printed[1], 'client connected :  [{"topic":"topic/client","qos":1}]');
assert.equal(printed[2], 'both :  [{"topic":"test1","qos":0},{"topic":"test2","qos":1}]');

// "like a welcome message": whoever subscribes later has it too
const late = on(mqtt.connect(url, { ...options, clientId: `${name}-late`, will: undefined, clean: false }));
late.subscribe('topic/client', { qos: 1 });
await until('the welcome', () => printed.filter((line) => line === '{"name":"saikat","title":"hajra"}').length === 2);

// The will: of a client that vanishes
late.subscribe('ErrorMsg');
await until('a round trip', () => late.connected && !late.messageIdProvider?.empty);
await new Promise((done) => late.publish('test1', 'there', { qos: 1 }, done));
client.stream.destroy();
await until('the will', () => printed.includes('Connection Closed abnormally..!'));
await until('its return', () => printed.includes('cleint is reconnected') && client.connected);
const again = printed.indexOf('cleint is reconnected');
for (const before of ['cleint is closed', 'client is offline']) {
  assert(printed.includes(before) && printed.indexOf(before) < again, before);
}

client.publish('topic/client', '', { retain: true });
await client.endAsync();
await late.endAsync();
globalThis.console.log(`ok ${printed.length}`);
