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
  /**
   * Opens it. `closed` is told once, with an error where there was one; nothing is told after it, nor after one's own close().
   */
  open(events: { opened(): void; bytes(chunk: Uint8Array): void; closed(error?: Error): void }): TransportLink;
}

export interface TransportLink {
  /** Bytes that wait for the network, where that is known: messages of QoS 0 are refused above `queue.bytes`. */
  readonly buffered?: number;
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
  /** Acknowledges it, in a handler of a subscription with `manualAck`. A reason from 0x80 refuses it. */
  ack?(reasonCode?: number): void;
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
  /**
   * Keeps what is published, for clients that ask for it: a SUBSCRIBE with the user property replay-last (messages of each
   * topic) or replay-since (milliseconds since 1970) gets it first, marked by the user properties replayed: true and
   * published-at. true: of every topic but those that begin with $ the last 100, of the last day, in 16 MiB. Default: nothing.
   */
  history?: boolean | HistoryOptions;
  /**
   * Filters of topics of which only what changes is routed: a message with the payload of the last one of its topic is
   * acknowledged, counted as dropped (INTERCEPTED), and goes to nobody. One that is to be retained, while the last was not, goes
   * through, and so does an empty retained one. Subscribers are not told apart: after a new subscription the next message of its
   * topics goes through, to all. Of the 10,000 topics that changed last (8 MiB); wills are not looked at. true: of all but those that begin
   * with $. Default: none.
   */
  changesOnly?: boolean | string[];
  /** By the names of the core's Limits, and of its FairUse: { sessionsMax: 100, queueFull: 'DROP_OLDEST' }. */
  limits?: Record<string, number | boolean | string>;
}

export interface HistoryOptions {
  /** Of which topics. Default: '#'. */
  filters?: string[];
  /** Messages of one topic. Default: 100. */
  perTopic?: number;
  /** Of all topics together; the oldest go first. Default: 16 MiB. */
  bytes?: number;
  /** How long; 0: as long as there is room. Default: a day. */
  seconds?: number;
}

/** What a CONNECT presents. */
export interface Presented {
  client: string;
  userName: string | null;
  password: Uint8Array | null;
  listener: string;
}

/**
 * true, or reason 0, lets it in; reasons are those of CONNACK, roles what access rules ask for. With 0x9C (Use another server)
 * and 0x9D (Server moved) a serverReference says where.
 */
export type Admission = boolean | { reason: number; why?: string; roles?: string[]; serverReference?: string };

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
  connected: { client: string; userName: string | null };
  disconnected: { client: string; reason: number; why: string };
  refused: { client: string; reason: number; why: string };
  dropped: { client: string; drop: string };
  /** A defect of the broker ended this connection; the others go on. */
  broken: { client: string; reason: number; why: string };
  /** Its session has a subscription that it did not have, or has it no longer: also because it ended. */
  subscribed: { client: string; filter: string };
  unsubscribed: { client: string; filter: string };
  /** The storage is in trouble: full (0x97) or failing (0x83), or well again (0). */
  storage: { reason: number; why: string };
  /** Another tab opened the database: this broker serves nobody any more. */
  superseded: { why: string };
  /** It is being closed by its page; what is said now is the last. */
  closing: Record<string, never>;
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
  /** Keeps something with the broker of this name, for whoever is it later: what can be cloned. Resolves when it is stored. */
  keep(name: string, value: unknown): Promise<void>;
  kept(name: string): unknown;
  clients(): ConnectedClient[];
  /** What it counted since it started: clientsConnected, sessions, subscriptions, retainedMessages, messagesReceived, ... */
  counters(): Record<string, number>;
  /** Ends a client's connection (0x98, Administrative action); its session stays. */
  disconnect(client: string): void;
  /** Publishes what the broker counts, retained, under $SYS/broker/: now, and every so many seconds. Default: 10. */
  startSysTopics(seconds?: number): void;
  /** Publishes it no more, and clears what is retained of it. */
  stopSysTopics(): void;
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
  /** false: it is never the broker, and waits for another to be. Default: true. */
  candidate?: boolean;
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

/**
 * Why something came to nothing:
 * refused (the server said no), redirected (it named another: `serverReference`), taken-over (another client came with this
 * identifier), invalid (cannot be, or not with this server), full (more waits than may), expired (its interval passed while it
 * waited), offline (QoS 0 without a connection), too-large (for the server), timeout (CONNACK or PINGRESP), lost (the
 * transport), protocol (the server broke the standard), ended (by the application), store (the client's own).
 */
export type ErrorKind =
  | 'refused'
  | 'redirected'
  | 'taken-over'
  | 'invalid'
  | 'full'
  | 'expired'
  | 'offline'
  | 'too-large'
  | 'timeout'
  | 'lost'
  | 'protocol'
  | 'ended'
  | 'store'
  /** A session from before had a message that nobody asked for in time: it was acknowledged. */
  | 'unclaimed';

export class CourtierError extends Error {
  readonly kind: ErrorKind;
  /** A Reason Code of MQTT 5, where there is one; before MQTT 5 the nearest to the return code. */
  readonly reasonCode?: number;
  readonly reasonString?: string;
  /** Where else to connect. The client does not go there by itself. */
  readonly serverReference?: string;
  readonly properties: ServerProperties;
}

/** What CONNACK, DISCONNECT and acknowledgements may carry. */
export interface ServerProperties {
  reasonString?: string;
  userProperties?: [string, string][];
  assignedClientIdentifier?: string;
  /** Seconds; in force instead of `keepAlive`. */
  serverKeepAlive?: number;
  /** Seconds. */
  sessionExpiryInterval?: number;
  receiveMaximum?: number;
  maximumQoS?: number;
  retainAvailable?: boolean;
  /** Bytes. */
  maximumPacketSize?: number;
  topicAliasMaximum?: number;
  wildcardSubscriptionAvailable?: boolean;
  subscriptionIdentifiersAvailable?: boolean;
  sharedSubscriptionAvailable?: boolean;
  responseInformation?: string;
  serverReference?: string;
  authenticationMethod?: string;
  authenticationData?: Uint8Array;
}

/** A string is sent as UTF-8. */
export type Payload = string | ArrayBuffer | ArrayBufferView;

export interface PublishOptions {
  /** Default: 0. */
  qos?: QoS;
  /** Default: false. */
  retain?: boolean;
  /**
   * With a store, and QoS 1 or 2: one with an id that was stored before is not published again (the last 1,000 are known), so
   * that who was cut off may ask again.
   */
  id?: string;
  payloadFormatIndicator?: boolean;
  /** Seconds. Counts while the message waits, too, and in every version. */
  messageExpiryInterval?: number;
  responseTopic?: string;
  correlationData?: Payload;
  contentType?: string;
  userProperties?: Iterable<[string, string]>;
}

export interface ClientOptions extends LoadOptions {
  transport: Transport;
  /** 5, 4 (MQTT 3.1.1) or 3 (MQTT 3.1). Default: 5. */
  version?: 3 | 4 | 5;
  /** Default: the server assigns one, which then stays; before MQTT 5 one is drawn. */
  clientId?: string;
  /** Default: true. With MQTT 5 for the first connection only: later ones ask for the session that there may be. */
  cleanStart?: boolean;
  /** Seconds, 0 to 65,535; 0: none. Default: 60. A PINGREQ leaves after half of it without sending. */
  keepAlive?: number;
  userName?: string;
  password?: Payload;
  will?: PublishOptions & {
    topic: string;
    payload?: Payload;
    /** Seconds. */
    willDelayInterval?: number;
  };
  /** Seconds, MQTT 5; 0xFFFFFFFF: for ever. Default: 0. */
  sessionExpiryInterval?: number;
  /** Messages of QoS 1 and 2 whose handlers have not returned. Default: 100. */
  receiveMaximum?: number;
  /** Bytes, of a packet from the server; a larger one ends the connection. Default: 16 MiB. */
  maximumPacketSize?: number;
  /** Topic Aliases that the server may use. Default: 32. */
  topicAliasMaximum?: number;
  /** Topic Aliases that the client uses by itself, where the server takes them. Default: 32. */
  topicAliases?: number;
  requestResponseInformation?: boolean;
  requestProblemInformation?: boolean;
  authenticationMethod?: string;
  authenticationData?: Payload;
  userProperties?: Iterable<[string, string]>;
  /** Answers what the server asks (AUTH). Without it the event 'auth' tells. */
  authenticate?(challenge: Challenge): Payload | null | undefined | Promise<Payload | null | undefined>;
  /** Milliseconds from opening the transport to CONNACK. Default: 30,000. */
  connectTimeout?: number;
  /** Milliseconds from a PINGREQ until anything comes. Default: 10,000. */
  pingTimeout?: number;
  /** What to do when a connection is lost; false: nothing. */
  reconnect?: false | ReconnectOptions;
  queue?: QueueOptions;
  /** Messages of QoS 1 and 2 under way, where the server's Receive Maximum is not lower. Default: 100. */
  inflightMaximum?: number;
  /** Default: 1,000; at most 16,000. */
  subscriptionsMaximum?: number;
  /**
   * Where unacknowledged messages, identifiers of QoS 2 and subscriptions outlive the page. With a store a packet leaves when
   * what it promises is stored. Use it with `cleanStart: false` and a `sessionExpiryInterval`. Default: 'memory'.
   */
  store?: 'memory' | 'indexeddb' | ClientStorage;
  /** Names the database. Default: the clientId. One client at a time may have it. */
  storeName?: string;
  /**
   * Is given each message, whatever it was subscribed by, also by a session from before; it is acknowledged when what this
   * returns is settled.
   */
  handler?(message: Message): unknown;
  /** In windows: say goodbye when the page is hidden for good, connect again when it comes back. Default: true. */
  pageLifecycle?: boolean;
}

export interface ReconnectOptions {
  /** Default: true. */
  enabled?: boolean;
  /** Milliseconds before the first attempt. Default: 1,000. */
  initialDelay?: number;
  /** Milliseconds at most. Default: 60,000. */
  maxDelay?: number;
  /** From one delay to the next. Default: 2. */
  factor?: number;
  /** The part of a delay that is left to chance, 0 to 1. Default: 0.5. */
  jitter?: number;
  /** In a row; 0: no limit. Default: 0. */
  maxAttempts?: number;
  /** Milliseconds that a connection must hold to end the row. Default: 10,000. */
  stableAfter?: number;
  /** Whether a first connection that fails is tried again, too; else connect() rejects. Default: false. */
  first?: boolean;
}

export interface QueueOptions {
  /** Messages that the server does not have: under way or waiting. A further one is rejected. Default: 1,000. */
  messages?: number;
  /** The same by bytes, roughly. Default: 16 MiB. */
  bytes?: number;
  /** Whether messages of QoS 0 wait for a connection. Default: false: they are rejected without one. */
  qos0?: boolean;
}

/** The store of `store: 'indexeddb'`, for what an application wants to keep with it. */
export class IndexedDbClientStore implements ClientStorage {
  private constructor();
  /** Rejects where another client has it. */
  static open(name: string): Promise<IndexedDbClientStore>;
  load(): Promise<[number, Uint8Array][]>;
  begin(told: { stored(ticket: number): void; lost(why: string): void }): void;
  put(number: number, record: Uint8Array): void;
  remove(number: number): void;
  commit(ticket: number): void;
  discard(): Promise<void>;
  close(): Promise<void>;
  /**
   * Keeps a message in the transaction that says that it was received, if a handler calls it that returns at once: with QoS 2
   * it is kept exactly once, whenever the page ends. The last 1,000 are kept, up to 8 MiB. Call it after the client connected
   * or `load` was called.
   */
  keep(message: { payload?: Uint8Array }): { number: number; stored: Promise<void> };
  /** What was kept behind a number, oldest first. */
  inbox(behind?: number): Promise<[number, unknown][]>;
}

/** A store of one's own. What is put and removed between two commits becomes durable together, in order. */
export interface ClientStorage {
  load(): Promise<[number, Uint8Array][]>;
  /** Tell `stored` the ticket of the last commit that is durable; `lost` once, when nothing will be any more. */
  begin(told: { stored(ticket: number): void; lost(why: string): void }): void;
  put(number: number, record: Uint8Array): void;
  remove(number: number): void;
  commit(ticket: number): void;
  /** For ids of publications, where they are wanted: note(id) goes with the next commit. */
  knows?(id: string): boolean;
  note?(id: string): void;
  unnote?(id: string | undefined): void;
  /** Throws all away: it is damaged, or stale. */
  discard(): Promise<void>;
  close(): Promise<void>;
}

export interface Challenge {
  reasonCode: number;
  method: string | null;
  data: Uint8Array | null;
  properties: ServerProperties;
}

export interface SubscribeOptions {
  /** Default: 0. */
  qos?: QoS;
  noLocal?: boolean;
  retainAsPublished?: boolean;
  /** Retained messages: 0 sent, 1 only if the subscription is new, 2 not sent. Default: 0. */
  retainHandling?: 0 | 1 | 2;
}

export interface SubscriptionOptions extends SubscribeOptions {
  /** MQTT 5. By default the client numbers its subscriptions itself, so that it knows what a message came for. */
  subscriptionIdentifier?: number;
  userProperties?: Iterable<[string, string]>;
  /** Messages wait for `message.ack()`; else for the handler to return, or its promise to settle. Default: false. */
  manualAck?: boolean;
  /** Without a handler: messages of QoS 0 that wait for who iterates; the oldest goes. Default: 1,000. */
  buffer?: number;
}

export type Handler = (message: Message) => unknown;

/**
 * Without a handler its messages wait for who iterates over it, and each is acknowledged when the next is asked for; where
 * the client has a listener for 'message' and nobody iterates, they go there only. A handler that throws has its message
 * refused (0x83), which tells the event 'error'.
 */
export interface Subscription extends AsyncIterable<Message> {
  readonly filters: string[];
  /** What the server granted, filter by filter. */
  readonly granted: QoS[];
  /** Messages of QoS 0 that found the buffer full. */
  readonly dropped: number;
  /** Resolves at UNSUBACK. A filter that another subscription has stays with the server. */
  unsubscribe(): Promise<void>;
}

export type ClientState = 'disconnected' | 'connecting' | 'connected' | 'reconnecting' | 'ended';

export interface ClientEvents {
  connected: { sessionPresent: boolean; clientId: string; properties: ServerProperties };
  /** There was a connection, or an attempt, and it is over. */
  disconnected: { cause: CourtierError; reconnects: boolean };
  /** Attempts count from 1; the delay is in milliseconds. */
  reconnecting: { attempt: number; delay: number };
  message: Message;
  error: Error;
  auth: Challenge;
  online: Record<string, never>;
  offline: Record<string, never>;
}

/**
 * A client that keeps what it was asked for over connections: messages wait until the server has them (QoS 1 at least once,
 * QoS 2 exactly once while the session lasts), subscriptions are made again where the server forgot them. After a take-over, a
 * redirection and a refusal that would be repeated it does not connect again by itself.
 */
export class CourtierClient {
  constructor(options: ClientOptions);
  readonly state: ClientState;
  /** As given, assigned or drawn; '' while it is not known. */
  readonly clientId: string;
  /** What the server does not have yet. */
  readonly queued: { messages: number; bytes: number };
  /** Resolves with what CONNACK said; rejects with a CourtierError, after the first attempt unless `reconnect.first`. */
  connect(): Promise<ServerProperties & { sessionPresent: boolean }>;
  /** Resolves when the server has it: with QoS 0 when it was sent. May be called before connect(). */
  publish(
    topic: string,
    payload: Payload,
    options?: PublishOptions,
  ): Promise<{ reasonCode: number; properties: ServerProperties }>;
  /** Resolves when all filters are granted; rejects when one is refused, and none is subscribed to then. */
  subscribe(
    filters: string | (string | ({ filter: string } & SubscribeOptions))[],
    options?: SubscriptionOptions,
    handler?: Handler,
  ): Promise<Subscription>;
  subscribe(filters: string | string[], handler: Handler): Promise<Subscription>;
  /** Ends a subscription, or all that have a filter. */
  unsubscribe(which: Subscription | string): Promise<void>;
  /** Sends DISCONNECT. What waits stays, for the next connect(). Reason 0x04 has the will sent. */
  disconnect(options?: {
    reasonCode?: number;
    /** Seconds; not above 0 where it was 0 in CONNECT. */
    sessionExpiryInterval?: number;
    reasonString?: string;
    userProperties?: Iterable<[string, string]>;
  }): Promise<void>;
  /** Answers the event 'auth'. */
  respondAuth(data?: Payload | null, properties?: { reasonString?: string; userProperties?: Iterable<[string, string]> }): void;
  /** Resolves when the server is content. */
  reauthenticate(data?: Payload | null): Promise<ServerProperties>;
  /** Says goodbye at once, for workers whose page is put away; a window does it by itself. */
  suspend(): void;
  resume(): void;
  /** Disconnects for good, and rejects what waits. What is in a store stays there. */
  end(): Promise<void>;
  on<E extends keyof ClientEvents>(event: E, listener: (detail: ClientEvents[E]) => void): () => void;
}

export interface TopicMapping {
  /** Of what both sides have in common: `localPrefix + rest` here is `remotePrefix + rest` there. */
  filter: string;
  /** Default: 'both'. */
  direction?: 'in' | 'out' | 'both';
  /** At most. Default: 1. */
  qos?: QoS;
  /** Default: ''. */
  localPrefix?: string;
  /** Default: ''. */
  remotePrefix?: string;
}

/** Options of the client at the other side, but for its store and that it asks for its session by default. */
export interface BridgeOptions extends Omit<ClientOptions, 'store' | 'storeName' | 'pageLifecycle' | 'runtime'> {
  /** Names it, and its session with the broker of the tab. */
  name: string;
  /** At the other side. Default: drawn at random, and kept with the broker of the tab: no other browser has it. */
  clientId?: string;
  /** At the other side. Default: false. */
  cleanStart?: boolean;
  /** At the other side, seconds. Default: backlog; where the broker of the tab is in memory, 300 at the most. */
  sessionExpiryInterval?: number;
  /** 1 to 1,000. */
  topics: TopicMapping[];
  /** Seconds that the brokers keep what is to be carried while the bridge is away. Default: a day. */
  backlog?: number;
  /**
   * Seconds. Only for loops over several bridges of which one speaks MQTT 3.1.1, and nothing tells a message that came round:
   * a message that equals another in topic and payload is not carried again for so long, whoever published it. Default: 0, off.
   */
  fingerprints?: number;
}

/**
 * Carries messages between the broker of a tab and another. What cannot be carried (QoS 1 and 2) waits in the session that the
 * bridge has with the side it came from, within that broker's limits. What came round is not carried again.
 */
export interface Bridge {
  readonly name: string;
  /** Of the client at the other side. */
  readonly state: ClientState;
  readonly counts: {
    in: number;
    out: number;
    /**
     * Refused by the other side, too large for it or for a bridge (16 MiB), or QoS 0 while it was away; and what the broker of
     * the tab dropped before this bridge had it: the queue was full (`queueMessagesMax`, `queueBytesMax`), or it expired there.
     * What the other broker drops so is not known here.
     */
    dropped: number;
    loops: number;
  };
  /** Disconnects for good; what is to be carried is kept for the next bridge of this name. */
  stop(): void;
  /** The same, and nothing is kept. */
  remove(): void;
  on(event: 'status', listener: (detail: { side: 'local' | 'remote'; state: ClientState; cause?: CourtierError }) => void): () => void;
  on(event: 'error', listener: (detail: { side: 'local' | 'remote'; error: CourtierError }) => void): () => void;
}

/** Starts a bridge; one of the same name is stopped, and the new one goes on with its backlog. */
export function addBridge(broker: CourtierBroker, options: BridgeOptions): Promise<Bridge>;
/** Ends a bridge and its backlog. False: there is none of this name. */
export function removeBridge(broker: CourtierBroker, name: string): boolean;
export function bridges(broker: CourtierBroker): Bridge[];
