// SPDX-License-Identifier: Apache-2.0
// In the place of the compiled core: it is there when the world says so.
export function load() {
  return globalThis.frameElement.tab.load();
}
