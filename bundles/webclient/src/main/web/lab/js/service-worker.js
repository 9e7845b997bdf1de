// SPDX-License-Identifier: Apache-2.0
/** The service worker of the lab: a module or, where the browser takes none for that, the one script that the build makes of it. */
import { script } from './trusted.js';

const WORKER = '../message-port/service-worker';

/** Gives {registration, kind}: 'module' or 'classic'. Rejects where neither can be had, and says why of both. */
export async function registerServiceWorker() {
  try {
    return { registration: await register(`${WORKER}.js`, 'module'), kind: 'module' };
  } catch (refused) {
    // Browsers do not tell one reason from another here: what else is wrong is wrong with the other script, too.
    try {
      return { registration: await register(`${WORKER}.classic.js`, 'classic'), kind: 'classic' };
    } catch (error) {
      throw new Error(`${error.message} (and as a module: ${refused.message})`, { cause: refused });
    }
  }
}

function register(name, type) {
  return navigator.serviceWorker.register(script(name, import.meta.url), { type, scope: '/lab/', updateViaCache: 'none' });
}
