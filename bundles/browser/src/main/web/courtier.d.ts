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
 * Raw bytes over a MessagePort: each message is a Uint8Array, a part of the stream; null closes. A number tells the broker that
 * so many bytes were taken: from the first on it holds back what a slow client has not. A function gives a new port
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
  /** Whether clients that present neither a user name nor a password are let in. Default: true where there are no users, else false. */
  anonymous?: boolean;
  /** Who may come in with a password. Default: those that the broker of this name had before; at first nobody. */
  users?: Users;
  /** Asked before the users. What is not clearly a yes is a no; undefined leaves it to the users. */
  authenticate?(who: Presented): Admission | undefined | Promise<Admission | undefined>;
  /** For each Authentication Method (MQTT 5) what begins an exchange with one client. */
  authenticationMethods?: Record<string, (who: { client: string; listener: string }) => AuthenticationExchange>;
  /**
   * Access rules, in the words of the server's access list (etc/courtier-acl): allow|deny publish|subscribe|receive|all FILTER
   * [condition]..., a rule a line; the first that matches decides, and where none does it is denied. Default: everything is
   * allowed, but to publish to $SYS/.
   */
  access?: string;
  /** By the names of the core's Limits, and of its FairUse: { sessionsMax: 100, queueFull: 'DROP_OLDEST' }. */
  limits?: Record<string, number | boolean | string>;
}

/** What a CONNECT presents. */
export interface Presented {
  client: string;
  userName: string | null;
  password: Uint8Array | null;
  listener: string;
}

/** true, or reason 0, lets it in; reasons are those of CONNACK, roles what access rules ask for. */
export type Admission = boolean | { reason: number; why?: string; roles?: string[] };

/** One step: goes on with data for the client, lets it in, or refuses it. */
export type AuthenticationExchange = (data: Uint8Array | null) => ExchangeStep | Promise<ExchangeStep>;
export type ExchangeStep =
  | { next: Uint8Array }
  | { userName: string; roles?: string[]; data?: Uint8Array }
  | { reason: number; why?: string };

/** What Users.export gives: hashes, no passwords. */
export interface ExportedUsers {
  version: 1;
  roles: string[];
  users: { name: string; hash: string; roles: string[] }[];
}

/**
 * Users with passwords, hashed by PBKDF2 with SHA-256, and their roles. Passwords need crypto.subtle, which browsers have on
 * https and localhost only: without it none can be set, and nobody comes in by one.
 */
export class Users {
  /** iterations: of new hashes, default 600000. changed: called after each change, to store what export gives. */
  constructor(options?: { iterations?: number; changed?: () => void });
  /** pbkdf2-sha256$iterations$salt$hash */
  static hashPassword(password: string, options?: { iterations?: number }): Promise<string>;
  /** Adds a user, or gives one that is there another password. */
  addUser(name: string, password: string): Promise<void>;
  addUserWithHash(name: string, hash: string): void;
  removeUser(name: string): boolean;
  hasUser(name: string): boolean;
  listUsers(): string[];
  readonly userCount: number;
  /** A role is a name that access rules ask for: allow publish pumps/# role operator */
  addRole(role: string): void;
  /** Takes it from all who have it, too. */
  removeRole(role: string): boolean;
  hasRole(role: string): boolean;
  listRoles(): string[];
  readonly roleCount: number;
  /** Roles count from the user's next CONNECT on. Error where there is no such user or role. */
  assignRole(name: string, role: string): void;
  unassignRole(name: string, role: string): boolean;
  clearRoles(name: string): void;
  rolesOf(name: string): string[];
  /** Never rejects; reason 0: the password is this user's. */
  authenticate(name: string, password: Uint8Array | null): Promise<{ reason: number; why: string; roles: string[] }>;
  export(): ExportedUsers;
  /** Takes the place of all that is there. Throws, and changes nothing, where it was not exported by Users. */
  import(exported: ExportedUsers): void;
}

export interface BrokerEvents {
  connected: { client: string; userName: string | null; listener: string };
  disconnected: { client: string; reason: number; why: string };
  refused: { client: string; reason: number; why: string };
  dropped: { client: string; drop: string };
  /** The storage is in trouble: full (0x97) or failing (0x83), or well again (0). */
  storage: { reason: number; why: string };
  /** Another tab opened the database: this broker serves nobody any more. */
  superseded: { why: string };
}

export interface ConnectedClient {
  client: string;
  userName: string | null;
  version: string;
  listener: string;
  address: string;
  subscriptions: number;
  queued: number;
  inflight: number;
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
  /** Who may come in with a password. */
  readonly users: Users;
  /** The access rules that count; null where nobody gave any. */
  readonly access: string | null;
  /**
   * Other access rules count at once, and for whoever is the broker of this name later; resolves when that is stored. Throws
   * an Error that names the line where they are broken; then nothing changes.
   */
  setAccess(text: string | null): Promise<void>;
  /** Grows with each broker that opens the database of this name: what one with a lower epoch writes is void. 0 in memory. */
  readonly epoch: number;
  /** Why it did not get the store that it wanted; empty: it did. */
  readonly storeWhy: string;
  clients(): ConnectedClient[];
  /** What it counted since it started: clientsConnected, sessions, subscriptions, retainedMessages, messagesReceived, ... */
  counters(): Record<string, number>;
  /** Ends a client's connection (0x98, Administrative action); its session stays. */
  disconnect(client: string): void;
  on<E extends keyof BrokerEvents>(event: E, listener: (detail: BrokerEvents[E]) => void): () => void;
  /** Says goodbye to clients, waits until what was promised is stored, and closes the store. */
  close(): Promise<void>;
}

export interface GroupOptions {
  /** Who this tab is in the group; no two may be the same. */
  tabId: string;
  /** For the others to see. */
  clientId?: string;
  /** For the broker, where this tab becomes it. Its name is the channel's. */
  broker?: BrokerOptions;
  /** Default: navigator.locks; null where there are none, and heartbeats decide. */
  locks?: LockManager | null;
}

export interface Member {
  tabId: string;
  clientId: string;
  isBroker: boolean;
  /** When it was last heard of, in milliseconds since 1970. */
  seen: number;
}

/**
 * Tabs, workers and frames of one origin that share a broker: one of them is it, and when it goes another is, with the same
 * sessions and retained messages, in some ten milliseconds. A Web Lock decides; without locks (plain http) heartbeats do,
 * which takes seconds.
 */
export class TabGroup {
  /** channel: 1 to 128 characters; groups of different channels have nothing in common. */
  constructor(channel: string, options: GroupOptions);
  /** Resolves when there is a broker, here or elsewhere. */
  join(): Promise<void>;
  /** Says goodbye; the broker, if it is here, ends. */
  leave(): Promise<void>;
  readonly role: 'broker' | 'client';
  readonly epoch: number;
  readonly elects: 'locks' | 'heartbeat';
  /** The broker, where it is here. */
  readonly broker: CourtierBroker | null;
  /** For a client: leads to the broker of the moment. */
  transport(): Transport;
  members(): Member[];
  /** Messages on the channel that were none of ours, and did nothing. */
  readonly ignored: number;
  on(event: 'role', listener: (role: 'broker' | 'client') => void): () => void;
  on(event: 'broker', listener: (detail: { epoch: number; here: boolean }) => void): () => void;
  on(event: 'members', listener: (members: Member[]) => void): () => void;
  on(event: 'outdated', listener: (detail: { version: number }) => void): () => void;
  on(event: 'error', listener: (error: Error) => void): () => void;
}
