// SPDX-License-Identifier: Apache-2.0

/** Where the channels are: in a shared worker; in a worker of one of the tabs, if there are no shared ones; or not yet known. */
export type Mode = 'sharedworker' | 'broadcastchannel' | 'none';

export interface Options {
  /** Channels of different names have nothing in common. Default: 'channels'. */
  name?: string;
  /** Whether values outlive the last tab, in IndexedDB. Default: true. The first tab decides. */
  persist?: boolean;
  /** Seconds after which what this client publishes is forgotten. Default: never. */
  ttl?: number;
  /** What the values of all channels may come to: more is refused. Default: 64 MiB. The first tab decides. */
  maxBytes?: number;
  /**
   * Carries all channels to and from a server by MQTT over WebSocket, where they are topics behind the prefix. The first tab
   * decides. Default: nothing leaves the browser.
   */
  bridge?: { url: string; prefix?: string; userName?: string; password?: string };
}

export interface Inspection {
  /** Of this worker: tabs, or rather clients. */
  clients: number;
  /** Of all values. */
  bytes: number;
  /** Whether the broker is in this worker; then what it runs on, else null. */
  role: 'broker' | 'client';
  runtime: 'wasm' | 'js' | null;
  store: 'indexeddb' | 'memory' | null;
  /** Bytes are null where there is no value. */
  channels: { channel: string; subscribers: number; bytes: number | null }[];
}

/** What may be published: JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export class SharedWorkerClient {
  /** Returns at once; what is asked before the worker is ready waits. Default: './worker.js', as seen from the page. */
  constructor(url?: string | URL, options?: Options);
  readonly mode: Mode;
  readonly state: 'connecting' | 'open' | 'failed' | 'closed';
  /** Why it failed: there is no such script, a policy forbids it, the page came from a file. */
  readonly error: Error | null;
  readonly clientId: string;
  /** Calls back with the current value, if there is one, and with each that is published. Returns what ends that. */
  subscribe<T = Json>(channel: string, callback: (data: T) => void): () => void;
  /**
   * All subscribers receive it, this client too. The promise is fulfilled when the value is stored; nobody has to look at it:
   * what fails is told as 'error', too. Throws a TypeError for what JSON cannot say.
   */
  publish(channel: string, data: unknown, options?: { ttl?: number }): Promise<void>;
  /** The current value. Rejects with 'channel not found', or 'Request timeout' after five seconds. */
  get<T = Json>(channel: string): Promise<T>;
  inspect(): Promise<Inspection>;
  /** Ends all subscriptions of this client to the channel. */
  unsubscribe(channel: string): void;
  /** An end for an MQTT client of the broker in the worker, for which channels are topics. It ends when the worker does. */
  createPort(): MessagePort;
  /** Closes the port, rejects what waits for an answer, and calls nobody any more. */
  disconnect(): void;
  on(event: 'state', listener: (state: SharedWorkerClient['state']) => void): () => void;
  on(event: 'error', listener: (error: Error) => void): () => void;
}

/** What goes over the port, as JSON texts. Request ids are unique for each client, and begin at 1. */
export type Request =
  | { type: 'subscribe' | 'unsubscribe' | 'get'; clientId: string; channel: string; requestId: number }
  | { type: 'publish'; clientId: string; channel: string; data: Json; ttl?: number; requestId: number }
  | { type: 'inspect'; clientId: string; requestId: number }
  /** First, where more than the defaults is wanted. */
  | { type: 'open'; clientId: string; options: Options }
  /** A Web Lock that is held as long as the tab is there. */
  | { type: 'lock'; lock: string }
  | { type: 'close' };

/** Without a request id: nobody asked. */
export type Response =
  | { type: 'data'; channel?: string; data: Json; requestId?: number }
  | { type: 'subscribed' | 'unsubscribed' | 'published'; channel: string; requestId?: number }
  | { type: 'error'; error: string; requestId?: number }
  /** The lock is held as long as the worker is there. */
  | { type: 'opened'; lock?: string };
