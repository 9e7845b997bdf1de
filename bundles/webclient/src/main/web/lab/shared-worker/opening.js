// SPDX-License-Identifier: Apache-2.0
/** Finds the worker of the channels, makes it where there is none yet, and says why where neither can be done. */

/** Counts up when what is said on the port changes: tabs with another one then have another worker. */
const VERSION = 1;

let policy;

/**
 * Opens a port to the worker. Of `events` are called: `message(text)`, `gone()` when the worker ended, `failed(error)` when it
 * never began.
 */
export function openWorker(url, options, events) {
  if (url.protocol === 'file:') {
    throw new Error('Pages from files (file://) have no workers: open this page from a web server.');
  }
  const name = `courtier ${VERSION} ${options.name}`;
  const shared = typeof SharedWorker === 'function';
  const watch = watchPolicy(url);
  // extendedLifetime, where it is known, lets the worker outlive the reload of its only tab.
  const worker = shared
    ? new SharedWorker(trusted(url), { type: 'module', name, extendedLifetime: true })
    : new Worker(trusted(url), { type: 'module', name });
  const port = shared ? worker.port : dedicated(worker);
  let begun = false;
  let over = false;
  const end = () => {
    over = true;
    watch.end();
    port.close();
    if (!shared) worker.terminate();
  };
  worker.onerror = async (event) => {
    event.preventDefault?.();
    if (over || begun) return;
    end();
    events.failed(new Error(await cause(url, event, watch)));
  };
  port.onmessage = ({ data }) => {
    begun = true;
    if (!over) events.message(data);
  };
  port.onclose = () => {
    if (!over) events.gone();
  };
  port.start();
  return { port, mode: shared ? 'sharedworker' : 'broadcastchannel', close: end };
}

/** A worker of this tab alone gets a port like a shared one. */
function dedicated(worker) {
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ type: 'connect' }, [port2]);
  return port1;
}

/** Where only trusted addresses may become workers: ours comes from whoever wrote this page's scripts. */
function trusted(url) {
  if (!self.trustedTypes) return url.href;
  try {
    policy ??= trustedTypes.createPolicy('courtier', { createScriptURL: (address) => address });
    return policy.createScriptURL(url.href);
  } catch {
    // No such policy is allowed here; then perhaps none is needed either.
    return url.href;
  }
}

/** Notices when this page's policy is what forbids the worker. */
function watchPolicy(url) {
  let violated = null;
  const listener = (event) => {
    if (event.blockedURI === url.href) violated = event.effectiveDirective;
  };
  document.addEventListener('securitypolicyviolation', listener);
  return {
    directive: () => violated,
    end: () => setTimeout(() => document.removeEventListener('securitypolicyviolation', listener), 1_000),
  };
}

/** A worker that does not start says nothing of why; so its script is asked for once more. */
async function cause(url, event, watch) {
  const what = `The worker ${url.pathname} did not start`;
  if (event.message) return `${what}: ${event.message}`;
  if (watch.directive()) return `${what}: the page's Content-Security-Policy forbids it (${watch.directive()})`;
  try {
    const answer = await fetch(url, { cache: 'no-store' });
    const type = answer.headers.get('Content-Type') ?? 'no type';
    if (watch.directive()) return `${what}: the page's Content-Security-Policy forbids it (${watch.directive()})`;
    if (!answer.ok) return `${what}: ${answer.status} ${answer.statusText}`.trimEnd();
    if (!/javascript/.test(type)) return `${what}: its content is ${type}, not JavaScript`;
    return `${what}: something in it, or that it imports, failed`;
  } catch (error) {
    return `${what}: ${error.message}`;
  }
}
