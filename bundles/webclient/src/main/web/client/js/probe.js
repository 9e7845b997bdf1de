// SPDX-License-Identifier: Apache-2.0
/** window.courtier: what the page knows, for tests and the curious. It reads, and changes nothing. */

import { asBase64 } from './payload.js';

export function offerProbe({ connection, log, list, subscriptions, latestFault }) {
  const state = () => ({
    status: connection.status,
    url: connection.settings?.url ?? null,
    clientId: connection.settings?.options.clientId ?? null,
    protocolVersion: connection.settings?.options.protocolVersion ?? null,
    sessionPresent: connection.sessionPresent,
    attempt: connection.attempt,
    error: latestFault(),
    subscriptions: subscriptions.list.map(({ filter, state, code, count, options }) => ({ filter, state, code, count, qos: options.qos })),
    messages: { ...log.counts, kept: log.kept, shown: log.length },
    paused: !list.following,
    unseen: list.unseen,
  });
  /** The newest visible messages, oldest first, bytes in Base64. */
  const messages = (count = 100) => {
    const found = [];
    for (let at = Math.max(0, log.length - count); at < log.length; at++) {
      const { id, dir, topic, qos, retain, dup, state, code, properties, payload } = log.at(at);
      found.push({ id, dir, topic, qos, retain, dup, state, code: code ?? null, properties: plain(properties), payload: asBase64(payload) });
    }
    return found;
  };
  Object.defineProperty(window, 'courtier', { value: Object.freeze({ state, messages }) });
}

function plain(properties) {
  if (!properties) return null;
  const { correlationData, ...others } = properties;
  return correlationData ? { ...others, correlationData: asBase64(correlationData) } : others;
}
