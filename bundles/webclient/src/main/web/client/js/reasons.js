// SPDX-License-Identifier: Apache-2.0
/** What the answers of a broker are called, and which of them leave hope. */

const CONNACK_3 = {
  1: 'Unacceptable protocol version',
  2: 'Identifier rejected',
  3: 'Server unavailable',
  4: 'Bad user name or password',
  5: 'Not authorized',
};

const REASONS = {
  0x00: 'Success',
  0x04: 'Disconnect with Will Message',
  0x10: 'No matching subscribers',
  0x11: 'No subscription existed',
  0x80: 'Unspecified error',
  0x81: 'Malformed Packet',
  0x82: 'Protocol Error',
  0x83: 'Implementation specific error',
  0x84: 'Unsupported Protocol Version',
  0x85: 'Client Identifier not valid',
  0x86: 'Bad User Name or Password',
  0x87: 'Not authorized',
  0x88: 'Server unavailable',
  0x89: 'Server busy',
  0x8a: 'Banned',
  0x8b: 'Server shutting down',
  0x8c: 'Bad authentication method',
  0x8d: 'Keep Alive timeout',
  0x8e: 'Session taken over',
  0x8f: 'Topic Filter invalid',
  0x90: 'Topic Name invalid',
  0x91: 'Packet Identifier in use',
  0x92: 'Packet Identifier not found',
  0x93: 'Receive Maximum exceeded',
  0x94: 'Topic Alias invalid',
  0x95: 'Packet too large',
  0x96: 'Message rate too high',
  0x97: 'Quota exceeded',
  0x98: 'Administrative action',
  0x99: 'Payload format invalid',
  0x9a: 'Retain not supported',
  0x9b: 'QoS not supported',
  0x9c: 'Use another server',
  0x9d: 'Server moved',
  0x9e: 'Shared Subscriptions not supported',
  0x9f: 'Connection rate exceeded',
  0xa0: 'Maximum connect time',
  0xa1: 'Subscription Identifiers not supported',
  0xa2: 'Wildcard Subscriptions not supported',
};

/** What may be over soon. All else needs a person: with wrong passwords, trying again only locks them out. */
const PASSING = new Set([0x03, 0x80, 0x83, 0x88, 0x89, 0x8b, 0x8d, 0x93, 0x96, 0x97, 0x98, 0x9f, 0xa0]);

const AUTHENTICATION = new Set([0x04, 0x05, 0x86, 0x87]);

/** For example "Not authorized (0x87), only admins". */
export function reasonText(code, said) {
  const name = REASONS[code] ?? 'Unknown reason';
  return withWords(`${name} (0x${code.toString(16).padStart(2, '0')})`, said);
}

/** The answer to a CONNECT, whose codes are others until MQTT 3.1.1. */
export function connackText(code, version, said) {
  return version === 5 ? reasonText(code, said) : `${CONNACK_3[code] ?? 'Unknown reason'} (${code})`;
}

function withWords(name, said) {
  return said ? `${name}, “${said.slice(0, 500)}”` : name;
}

export const isPassing = (code) => PASSING.has(code);
export const isAuthentication = (code) => AUTHENTICATION.has(code);
export const isMove = (code) => code === 0x9c || code === 0x9d;
export const TAKEN_OVER = 0x8e;
export const NO_MATCHING_SUBSCRIBERS = 0x10;
