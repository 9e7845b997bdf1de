// SPDX-License-Identifier: Apache-2.0
// The compiled core: WebAssembly where the browser runs it, else JavaScript, both made from the same source.
import { load as loadModule } from './core.wasm-runtime.js';

// An empty module that declares a struct: valid where WebAssembly has garbage collection.
const WITH_GC = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 3, 1, 95, 0]);

let loaded = null;
let compiledToJs = null;

/**
 * Gives the core that was compiled to JavaScript, for places that may not import on demand (service workers): import
 * core.js there, and give what it exports.
 */
export function provide(core) {
  compiledToJs = core;
}

/** Time and chance, as the core asks for them. */
const random = new Int32Array(256);
let unused = 0;
export const platform = {
  now: () => performance.now(),
  epoch: () => Date.now(),
  random() {
    if (unused === 0) {
      crypto.getRandomValues(random);
      unused = random.length;
    }
    return random[--unused];
  },
};

/** Loads the core once; gives {runtime, startMillis, exports, platform, why}. */
export function load({ runtime = 'auto' } = {}) {
  loaded ??= choose(runtime).catch(error => {
    loaded = null;
    throw error;
  });
  return loaded;
}

async function choose(wanted) {
  const begun = performance.now();
  let why = '';
  if (wanted !== 'js') {
    try {
      if (!globalThis.WebAssembly?.validate(WITH_GC)) throw new Error('this browser has no WebAssembly with garbage collection');
      const { exports } = await loadModule(new URL('core.wasm', import.meta.url).href);
      return { runtime: 'wasm', startMillis: performance.now() - begun, exports, platform, why };
    } catch (error) {
      if (wanted === 'wasm') throw error;
      why = String(error?.message ?? error);
    }
  }
  const exports = compiledToJs ?? (await import('./core.js'));
  return { runtime: 'js', startMillis: performance.now() - begun, exports, platform, why };
}
