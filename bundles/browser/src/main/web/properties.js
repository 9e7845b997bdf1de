// SPDX-License-Identifier: Apache-2.0
// The properties of MQTT 5 by the names that they have here: identifier, and how the core takes them.

const NAMES = {
  payloadFormatIndicator: [0x01, 'flag'],
  messageExpiryInterval: [0x02, 'number'],
  contentType: [0x03, 'text'],
  responseTopic: [0x08, 'text'],
  correlationData: [0x09, 'bytes'],
  subscriptionIdentifier: [0x0b, 'number'],
  sessionExpiryInterval: [0x11, 'number'],
  assignedClientIdentifier: [0x12, 'text'],
  serverKeepAlive: [0x13, 'number'],
  authenticationMethod: [0x15, 'text'],
  authenticationData: [0x16, 'bytes'],
  requestProblemInformation: [0x17, 'flag'],
  willDelayInterval: [0x18, 'number'],
  requestResponseInformation: [0x19, 'flag'],
  responseInformation: [0x1a, 'text'],
  serverReference: [0x1c, 'text'],
  reasonString: [0x1f, 'text'],
  receiveMaximum: [0x21, 'number'],
  topicAliasMaximum: [0x22, 'number'],
  maximumQoS: [0x24, 'number'],
  retainAvailable: [0x25, 'flag'],
  maximumPacketSize: [0x27, 'number'],
  wildcardSubscriptionAvailable: [0x28, 'flag'],
  subscriptionIdentifiersAvailable: [0x29, 'flag'],
  sharedSubscriptionAvailable: [0x2a, 'flag'],
};

// What an application gives, by packet.
export const CONNECT_PROPERTIES = [
  'sessionExpiryInterval',
  'receiveMaximum',
  'maximumPacketSize',
  'topicAliasMaximum',
  'requestResponseInformation',
  'requestProblemInformation',
  'authenticationMethod',
  'authenticationData',
  'userProperties',
];
export const PUBLISH_PROPERTIES = [
  'payloadFormatIndicator',
  'messageExpiryInterval',
  'contentType',
  'responseTopic',
  'correlationData',
  'userProperties',
];
export const WILL_PROPERTIES = ['willDelayInterval', ...PUBLISH_PROPERTIES];
export const SUBSCRIBE_PROPERTIES = ['subscriptionIdentifier', 'userProperties'];
export const DISCONNECT_PROPERTIES = ['sessionExpiryInterval', 'reasonString', 'userProperties'];
export const AUTH_PROPERTIES = ['reasonString', 'userProperties'];

const BY_IDENTIFIER = new Map(Object.entries(NAMES).map(([name, [identifier, type]]) => [identifier, { name, type }]));
const utf8 = new TextEncoder();

/** The bytes of what an application may give as such; a string becomes UTF-8. */
export function bytesOf(value) {
  if (typeof value === 'string') return utf8.encode(value);
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new TypeError('a payload is a string, an ArrayBuffer or a view of one');
}

/** Gives properties to the core, those of these names. Throws where a value is none. */
export function give(core, from, names) {
  for (const name of names) {
    const value = from[name];
    if (value === undefined || value === null) continue;
    if (name === 'userProperties') {
      for (const [key, text] of value) core.pair(String(key), String(text));
      continue;
    }
    const [identifier, type] = NAMES[name];
    if (type === 'text') core.text(identifier, String(value));
    else if (type === 'bytes') core.bytes(identifier, bytesOf(value));
    else if (type === 'flag') core.number(identifier, value ? 1 : 0);
    else if (Number.isInteger(value)) core.number(identifier, value);
    else throw new TypeError(`${name} is a whole number`);
  }
}

/** Takes properties from the core, one by one; `take` gives them by name. */
export class Taken {
  #found = {};

  number(identifier, value) {
    const known = BY_IDENTIFIER.get(identifier);
    if (identifier === NAMES.subscriptionIdentifier[0]) (this.#found.subscriptionIdentifiers ??= []).push(value);
    else if (known) this.#found[known.name] = known.type === 'flag' ? value === 1 : value;
  }

  text(identifier, value) {
    const known = BY_IDENTIFIER.get(identifier);
    if (known) this.#found[known.name] = value;
  }

  bytes(identifier, value) {
    this.text(identifier, value);
  }

  pair(name, value) {
    (this.#found.userProperties ??= []).push([name, value]);
  }

  take() {
    const found = this.#found;
    this.#found = {};
    return found;
  }
}
