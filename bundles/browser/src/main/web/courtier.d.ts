// SPDX-License-Identifier: Apache-2.0

/** Which of the two outputs of the compiler runs. WebAssembly where the browser has it (garbage collection included). */
export type Runtime = 'wasm' | 'js';

export interface LoadOptions {
  /** Default: 'auto', the faster one that works here. */
  runtime?: Runtime | 'auto';
}

/** Loads the compiled core once; later calls give the same. */
export function load(options?: LoadOptions): Promise<{ readonly runtime: Runtime; readonly startMillis: number }>;

/** A byte stream to a broker. Chunks need not end where packets do. */
export interface Transport {
  /** For people: the URL, or what it goes through. */
  readonly name: string;
  /** Opens it. `closed` is told once, with an error where there was one; nothing is told after it. */
  open(events: { opened(): void; bytes(chunk: Uint8Array): void; closed(error?: Error): void }): TransportLink;
}

export interface TransportLink {
  send(chunk: Uint8Array): void;
  /** Sends what was given, then closes. */
  close(): void;
}

/** MQTT over WebSocket, subprotocol mqtt. */
export function webSocket(url: string | URL): Transport;

/**
 * Raw bytes over a MessagePort: each message is a Uint8Array, a part of the stream; null closes. A function gives a new port
 * for each connection; a port alone can be connected once.
 */
export function messagePort(port: MessagePort | (() => MessagePort | Promise<MessagePort>)): Transport;

export type QoS = 0 | 1 | 2;

export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** The payload as UTF-8. */
  text(): string;
  json(): unknown;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly properties: PublishProperties;
}

export interface PublishProperties {
  payloadFormatIndicator?: boolean;
  /** Seconds. */
  messageExpiryInterval?: number;
  responseTopic?: string;
  correlationData?: Uint8Array;
  contentType?: string;
  subscriptionIdentifiers?: number[];
  userProperties?: [string, string][];
}

export interface BrokerOptions extends LoadOptions {
  /** Names its database: brokers of one origin with different names have nothing in common. Default: 'courtier'. */
  name?: string;
  /** Where sessions and retained messages outlive the tab. Default: 'indexeddb', and 'memory' where that cannot be had. */
  store?: 'indexeddb' | 'memory';
  /** Whether clients without a user name are let in. Default: true where there are no users, else false. */
  anonymous?: boolean;
  /** Access rules, in the words of the server's access list. Default: everything is allowed. */
  access?: string;
}

export interface BrokerEvents {
  connected: { client: string; userName: string | null; listener: string };
  disconnected: { client: string; reason: number; why: string };
  refused: { client: string; reason: number; why: string };
  dropped: { client: string; drop: string };
  /** The storage is in trouble: full (0x97) or failing (0x83), or well again (0). */
  storage: { reason: number; why: string };
}

/** A way into the broker for transports of one's own. */
export interface BrokerConnection {
  receive(chunk: Uint8Array): void;
  /** From the first call on the broker counts what is under way, and waits for a slow client. */
  consumed(bytes: number): void;
  /** The other side is gone. */
  lost(): void;
}

export class CourtierBroker {
  private constructor();
  /** Restores what the store has; then connections may be opened. */
  static open(options?: BrokerOptions): Promise<CourtierBroker>;
  readonly name: string;
  readonly runtime: Runtime;
  /** What it got. */
  readonly store: 'indexeddb' | 'memory';
  /** One end of a new channel; the broker has the other. Transferable: to a worker, a frame, another tab's SharedWorker. */
  createPort(options?: { listener?: string; address?: string }): MessagePort;
  /** Serves a client at the other end of a port. */
  accept(port: MessagePort, options?: { listener?: string; address?: string }): void;
  /** Serves a client by calls. */
  connect(
    sink: { bytes(chunk: Uint8Array): void; closed(): void },
    options?: { listener?: string; address?: string },
  ): BrokerConnection;
  on<E extends keyof BrokerEvents>(event: E, listener: (detail: BrokerEvents[E]) => void): () => void;
  /** Says goodbye to clients, waits until what was promised is stored, and closes the store. */
  close(): Promise<void>;
}
