// SPDX-License-Identifier: Apache-2.0
// What the scripts share: how they connect, wait and fail. They are run as: node SCRIPT.mjs PORT VERSION TOPIC [CA].
import { readFileSync } from 'node:fs';
import mqtt from 'mqtt';

const [port, version, base, ca] = process.argv.slice(2);

export const v5 = version === '5';
export const topic = (rest) => `${base}/${rest}`;

// Exit 1 with a sentence, if nothing else ends the script.
const patience = setTimeout(() => fail('it took more than 20 seconds'), 20_000);

export function fail(why) {
  console.error(why);
  process.exit(1);
}

process.on('unhandledRejection', (error) => fail(error.stack ?? String(error)));

export function check(holds, what) {
  if (!holds) fail(`not so: ${what}`);
  console.log(what);
}

export function equal(got, expected, what) {
  const [a, b] = [JSON.stringify(got), JSON.stringify(expected)];
  check(a === b, a === b ? what : `${what}: ${a} should be ${b}`);
}

/** A client that may not be connected yet; its messages are in `inbox`. */
export function open(name, options = {}) {
  const client = mqtt.connect(`${ca ? 'mqtts' : 'mqtt'}://127.0.0.1:${port}`, {
    clientId: `${base}-${name}`,
    protocolVersion: Number(version),
    reconnectPeriod: 0,
    ...(ca && { ca: readFileSync(ca) }),
    ...options,
  });
  client.inbox = [];
  client.waiting = [];
  client.on('message', (topic, payload, packet) => {
    client.inbox.push({ topic, text: payload.toString(), qos: packet.qos, retain: packet.retain, packet });
    client.waiting = client.waiting.filter((wanted) => !wanted());
  });
  client.on('error', (error) => client.expectsError || fail(`${name}: ${error.message}`));
  client.on('disconnect', (packet) => {
    if (!client.expectsDisconnect) fail(`${name}: DISCONNECT ${packet.reasonCode} ${packet.properties?.reasonString}`);
  });
  return client;
}

export async function connect(name, options) {
  const client = open(name, options);
  client.connack = await event(client, 'connect');
  return client;
}

export function event(emitter, name) {
  return new Promise((resolve) => emitter.once(name, resolve));
}

/** Resolves to all messages once there are so many. */
export function messages(client, count) {
  return new Promise((resolve) => {
    const enough = () => client.inbox.length >= count && (resolve(client.inbox), true);
    if (!enough()) client.waiting.push(enough);
  });
}

export async function done(...clients) {
  await Promise.all(clients.map((client) => client.endAsync()));
  clearTimeout(patience);
}
