// SPDX-License-Identifier: Apache-2.0
// A PUBLISH there and back: by mqtt-packet, and by the codec of the broker, compiled to both targets. One page, one pass after
// the other, so that ratios are of the same moment.
import { load } from '/codec/codec.wasm-runtime.js';
import * as js from '/codec/codec.js';
import { mqttPacket } from '/others/mqtt-packet.js';

const TOPIC = 'plant/line-7/pump/temperature';

function byMqttPacket(payloadBytes) {
  const payload = mqttPacket.Buffer.alloc(payloadBytes);
  const parser = mqttPacket.parser({ protocolVersion: 5 });
  let sum = 0;
  parser.on('packet', packet => (sum += packet.messageId + packet.payload.length + packet.topic.length));
  return count => {
    sum = 0;
    for (let i = 0; i < count; i++) {
      payload[i % payloadBytes] = i;
      const packet = { cmd: 'publish', topic: TOPIC, payload, qos: 1, messageId: 1 + (i & 0x7fff), retain: false, dup: false };
      parser.parse(mqttPacket.generate(packet, { protocolVersion: 5 }));
    }
    return sum;
  };
}

/** As a page has it that asks compiled code for each packet. */
function overTheBorder(codec, payloadBytes) {
  const payload = new Uint8Array(payloadBytes);
  let sum = 0;
  const decoded = (topic, bytes, identifier) => (sum += identifier + bytes.length + topic.length);
  return count => {
    sum = 0;
    for (let i = 0; i < count; i++) {
      payload[i % payloadBytes] = i;
      codec.decode(codec.encode(TOPIC, payload, 1 + (i & 0x7fff)), decoded);
    }
    return sum;
  };
}

/** Round trips a second, by name, in each pass. */
export async function codec({ passes, count, payloadBytes }) {
  const wasm = (await load('/codec/codec.wasm')).exports;
  const all = {
    'mqtt-packet': byMqttPacket(payloadBytes),
    'wasm, loop': n => wasm.loop(n, TOPIC, payloadBytes),
    'js, loop': n => js.loop(n, TOPIC, payloadBytes),
    'wasm, border': overTheBorder(wasm, payloadBytes),
    'js, border': overTheBorder(js, payloadBytes),
  };
  const found = [];
  for (let pass = 0; pass < passes; pass++) {
    const perSecond = {};
    const sums = new Set();
    for (const [name, run] of Object.entries(all)) {
      // Whoever is fast needs more of them to be measured at all.
      const times = name.endsWith('loop') ? 5 : 1;
      const begun = performance.now();
      for (let t = 0; t < times; t++) sums.add(run(count));
      perSecond[name] = (times * count * 1e3) / (performance.now() - begun);
    }
    if (sums.size !== 1) throw new Error(`they do not agree: ${[...sums]}`);
    found.push(perSecond);
  }
  return found;
}
