// SPDX-License-Identifier: Apache-2.0
/**
 * Channels as MQTT topics. A name keeps its look where it can: user-data is user-data, and a/b has two levels. What a topic
 * may not contain, and whatever would give two channels one topic, is written %23, a lone surrogate %uD800. Pure.
 */

/** [MQTT-4.7.3-3] */
const BYTES_MAX = 65_535;
/** As many as the broker takes. */
const LEVELS_MAX = 128;

// Wildcards, the sign itself, controls and what is no character. [MQTT-1.5.4-1] [MQTT-1.5.4-2]
const UNSAFE = /[#+%\u0000-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const CODED = /%(?:u([0-9A-F]{4})|([0-9A-F]{2}))/g;
/** The channel with the empty name: nothing else is written like this. */
const EMPTY = '%';

/** The topic of a channel. Throws a RangeError that says what is too long. */
export function topicOf(channel) {
  if (channel === '') return EMPTY;
  // Else it would be among the broker's own. [MQTT-4.7.2-1]
  const topic = channel.replace(UNSAFE, coded).replace(/^\$/, '%24');
  if (topic.length > BYTES_MAX || new TextEncoder().encode(topic).length > BYTES_MAX) {
    throw new RangeError(`channel name too long: more than ${BYTES_MAX} bytes`);
  }
  if (topic.split('/', LEVELS_MAX + 1).length > LEVELS_MAX) {
    throw new RangeError(`channel name too deep: more than ${LEVELS_MAX} levels`);
  }
  return topic;
}

/** The channel of a topic, or undefined: MQTT clients use topics that no channel has. */
export function channelOf(topic) {
  if (topic === EMPTY) return '';
  const channel = topic.replace(CODED, (_, wide, narrow) => String.fromCharCode(parseInt(wide ?? narrow, 16)));
  try {
    return topicOf(channel) === topic ? channel : undefined;
  } catch {
    return undefined;
  }
}

function coded(sign) {
  const code = sign.charCodeAt(0);
  return code < 0x100 ? `%${hex(code, 2)}` : `%u${hex(code, 4)}`;
}

function hex(code, digits) {
  return code.toString(16).toUpperCase().padStart(digits, '0');
}
