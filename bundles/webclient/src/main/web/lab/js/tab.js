// SPDX-License-Identifier: Apache-2.0
/**
 * Who this tab is: a name that it keeps over reloads, and that a duplicate of it does not share, though it is born with a copy
 * of sessionStorage. A Web Lock tells them apart: who cannot have it within a moment is the duplicate.
 */

const WAIT_MILLIS = 400;

export async function tabId(key) {
  const kept = sessionStorage.getItem(key);
  if (kept && (await isMine(kept))) return kept;
  const fresh = newId();
  sessionStorage.setItem(key, fresh);
  await isMine(fresh);
  return fresh;
}

/** Eight letters and digits that nobody else has. */
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(8))].map(byte => (byte % 36).toString(36)).join('');
}

function isMine(id) {
  // Without locks (plain http) a duplicate is not noticed here; the broker will: the two take each other's connection over.
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise(decided => {
    const waiting = new AbortController();
    // A page that is reloaded may hold it for a moment yet.
    const timer = setTimeout(() => waiting.abort(), WAIT_MILLIS);
    navigator.locks
      .request(`courtier-lab:tab:${id}`, { signal: waiting.signal }, () => {
        clearTimeout(timer);
        decided(true);
        return new Promise(resolve => addEventListener('pagehide', resolve, { once: true }));
      })
      .catch(() => decided(false));
  });
}
