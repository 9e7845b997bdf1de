// SPDX-License-Identifier: Apache-2.0
/** The one policy of a lab page: scripts of this very lab may be loaded, and nothing else. */

const policy = globalThis.trustedTypes?.createPolicy('courtier', {
  createScriptURL(address) {
    const { origin, pathname } = new URL(address);
    if (origin !== location.origin || !pathname.startsWith('/lab/')) throw new TypeError(`not a script of the lab: ${address}`);
    return address;
  },
});

/** The address of a worker, relative to the module that asks. */
export function script(name, base) {
  const { href } = new URL(name, base);
  return policy ? policy.createScriptURL(href) : href;
}
