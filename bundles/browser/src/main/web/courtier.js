// SPDX-License-Identifier: Apache-2.0
// Courtier in a browser: a broker, and clients. Types are in courtier.d.ts.
export { load, provide } from './load.js';
export { CourtierBroker } from './broker.js';
export { Users } from './users.js';
export { TabGroup } from './group.js';
export { IndexedDbClientStore } from './client-store.js';
export { CourtierClient } from './client.js';
export { CourtierError } from './courtier-error.js';
export { messagePort, webSocket } from './transports.js';
export { addBridge, bridges, removeBridge } from './bridge.js';
