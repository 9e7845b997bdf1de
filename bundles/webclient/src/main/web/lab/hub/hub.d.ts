// SPDX-License-Identifier: Apache-2.0

/** How the worker comes to the server: for all tabs, said by the first one at a URL. */
export interface HubOptions {
  /** The worker's script, where it is not beside hub.js. */
  worker?: URL | string;
  /** The client identifier that the server sees. Default: made by the worker. */
  clientId?: string;
  username?: string;
  password?: string;
  /** Seconds. Default: 30. */
  keepAlive?: number;
}

/** For MQTT.js's option `createWebsocket`. */
export function createHub(options?: HubOptions): (url: string) => WebSocket;
