// SPDX-License-Identifier: Apache-2.0
// The pages of the lab, kept for when there is no network. A version is kept whole or not at all.

const PREFIX = 'courtier-lab-';

export async function kept(version, files) {
  const cache = await caches.open(PREFIX + version);
  await cache.addAll(files.map(file => new Request(file, { cache: 'no-cache' })));
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== PREFIX + version) await caches.delete(name);
  }
}

/** From the network while there is one; what was kept else. Null for what is not ours. */
export function answered(request, version) {
  const { origin, pathname } = new URL(request.url);
  const ours = origin === self.location.origin && (pathname.startsWith('/lab/') || pathname.startsWith('/courtier/'));
  if (request.method !== 'GET' || !ours) return null;
  return fetch(request).catch(async error => {
    const cache = await caches.open(PREFIX + version);
    const found = await cache.match(request, { ignoreSearch: true });
    if (found) return found;
    throw error;
  });
}
