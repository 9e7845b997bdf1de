// SPDX-License-Identifier: Apache-2.0
/**
 * Why there is no connection. A browser tells a page nothing about a WebSocket that did not open, so that the page asks where
 * it came from for something else: an answer means that the broker is there and refused.
 */

import { text } from './texts.js';

const PROBE_MILLIS = 3_000;

/** What is wrong with the URL of a broker before anything was tried, or null: {code, text}. */
export function urlFault(written) {
  let url;
  try {
    url = new URL(written);
  } catch {
    return fault('url', { example: defaultUrl() });
  }
  if (!/^wss?:$/.test(url.protocol) || url.hostname === '') return fault('url', { example: defaultUrl() });
  if (url.username || url.password) return fault('url.secret');
  if (url.hash) return fault('url.fragment');
  if (location.protocol === 'https:' && url.protocol === 'ws:' && !isLoopback(url.hostname)) return fault('mixed');
  return null;
}

/** The broker that this page came from. */
export function defaultUrl() {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/mqtt`;
}

/** Why the WebSocket did not open: {code, text}. */
export async function whyClosed(written) {
  const url = new URL(written);
  const host = url.host;
  if (host !== location.host) return fault('unreachable', { host });
  try {
    await fetch(new URL('/', location.href), { cache: 'no-store', signal: AbortSignal.timeout(PROBE_MILLIS) });
  } catch {
    return fault('down', { host });
  }
  return fault('upgrade', { host, path: url.pathname });
}

export function fault(code, values) {
  return { code, text: text(`fault.${code}`, values) };
}

function isLoopback(hostname) {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127\./.test(hostname);
}
