// SPDX-License-Identifier: Apache-2.0
/**
 * One WebSocket for all tabs: MQTT.js connects through createHub(...) to a worker that the tabs share, where each tab has a
 * client, a session and a will of its own, and all of them one connection to the server.
 *
 *   mqtt.connect(url, { createWebsocket: createHub({ username, password }) })
 */

const VERSION = 1;

/** What the worker's script is, where it is not beside this one. */
const WORKER = new URL('worker.js', import.meta.url);

let policy;

/**
 * A function for MQTT.js's option createWebsocket. The server sees one client, with these credentials; those of the tabs do
 * not leave the browser. The first tab at a URL says them.
 */
export function createHub({ worker = WORKER, ...upstream } = {}) {
  return (url) => new HubSocket(new URL(url, location.href).href, worker, upstream);
}

/** To MQTT.js a WebSocket; in truth a port of the worker. */
class HubSocket extends EventTarget {
  CONNECTING = 0;
  OPEN = 1;
  CLOSING = 2;
  CLOSED = 3;
  readyState = this.CONNECTING;
  binaryType = 'arraybuffer';
  bufferedAmount = 0;
  protocol = 'mqtt';
  extensions = '';
  onopen = null;
  onmessage = null;
  onclose = null;
  onerror = null;
  #port;
  #release = () => {};
  #gone = new AbortController();
  #leave = () => this.close();

  constructor(url, worker, upstream) {
    super();
    this.url = url;
    const name = `courtier hub ${VERSION} ${upstream.username ?? ''} ${url}`;
    const shared = new SharedWorker(trusted(worker), { type: 'module', name, extendedLifetime: true });
    shared.onerror = () => this.#end(1006, 'the worker did not start');
    this.#port = shared.port;
    this.#port.onmessage = ({ data }) => this.#receive(data);
    this.#port.onclose = () => this.#end(1006, 'the worker is gone');
    this.#port.postMessage({ type: 'connect', url, upstream });
    // A page that is put away without closing would keep its client, and never its will.
    addEventListener('pagehide', this.#leave);
    this.#live();
  }

  send(data) {
    if (this.readyState !== this.OPEN) throw new DOMException('not open', 'InvalidStateError');
    this.#port.postMessage(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  close() {
    if (this.readyState >= this.CLOSING) return;
    this.readyState = this.CLOSING;
    this.#port.postMessage(null);
    queueMicrotask(() => this.#end(1000, ''));
  }

  /** What the worker knows of its way up: its state, filters, numbers of messages, and the last error. */
  about() {
    this.#port.postMessage({ type: 'state' });
    return new Promise((resolve) => this.addEventListener('about', ({ detail }) => resolve(detail), { once: true }));
  }

  /** The worker sees by the lock that this page is gone, however that comes. */
  #live() {
    const lock = `courtier.hub.${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
    navigator.locks?.request(lock, () => {
      if (this.readyState >= this.CLOSING) return undefined;
      this.#port.postMessage({ type: 'lock', lock });
      return new Promise((release) => (this.#release = release));
    });
  }

  #receive(data) {
    if (data instanceof Uint8Array) {
      this.#tell(new MessageEvent('message', { data: data.buffer }));
      // A tab that stands still takes nothing: then the broker in the worker holds back.
      this.#port.postMessage(data.length);
    } else if (data === null) {
      this.#end(1000, '');
    } else if (data?.type === 'state') {
      this.dispatchEvent(new CustomEvent('about', { detail: data.state }));
    } else if (data?.type === 'open') {
      this.readyState = this.OPEN;
      if (data.lock) navigator.locks?.request(data.lock, { mode: 'shared', signal: this.#gone.signal }, () => this.#end(1006, 'the worker is gone')).catch(() => {});
      this.#tell(new Event('open'));
    }
  }

  #end(code, reason) {
    if (this.readyState === this.CLOSED) return;
    this.readyState = this.CLOSED;
    removeEventListener('pagehide', this.#leave);
    this.#gone.abort();
    this.#release();
    this.#port.close();
    this.#tell(new CloseEvent('close', { code, reason, wasClean: code === 1000 }));
  }

  #tell(event) {
    this[`on${event.type}`]?.(event);
    this.dispatchEvent(event);
  }
}

function trusted(url) {
  if (!self.trustedTypes) return url;
  try {
    policy ??= trustedTypes.createPolicy('courtier', { createScriptURL: (address) => address });
    return policy.createScriptURL(String(url));
  } catch {
    return url;
  }
}
