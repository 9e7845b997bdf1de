// SPDX-License-Identifier: Apache-2.0
// From nothing to the first CONNACK: module, core, broker, port, client.

export async function start(runtime) {
  const begun = performance.now();
  const { CourtierBroker, CourtierClient, messagePort } = await import('/courtier/courtier.js');
  const broker = await CourtierBroker.open({ runtime, store: 'memory' });
  const client = new CourtierClient({ transport: messagePort(() => broker.createPort()), runtime });
  await client.connect();
  return performance.now() - begun;
}

/** MQTT.js has no broker: this is what it takes to have it at all. */
export async function importMqttJs() {
  const begun = performance.now();
  await import('/others/mqtt.js');
  return performance.now() - begun;
}
