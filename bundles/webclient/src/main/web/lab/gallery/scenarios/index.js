// SPDX-License-Identifier: Apache-2.0
/** All scenarios: {id, title, text, via: where its broker may be (default: only in this tab), steps: [{title, run(context)}], live}. */
import aclPermissions from './acl-permissions.js';
import authTools from './auth-tools.js';
import broadcastChannel from './broadcast-channel.js';
import brokerBridge from './broker-bridge.js';
import changeOnlyDelivery from './change-only-delivery.js';
import codecCompression from './codec-compression.js';
import connectivityDetection from './connectivity-detection.js';
import flowControl from './flow-control.js';
import googleJwtAuth from './google-jwt-auth.js';
import loadBalancerRedirect from './load-balancer-redirect.js';
import localBroker from './local-broker.js';
import loopPrevention from './loop-prevention.js';
import messageExpiry from './message-expiry.js';
import qos2Recovery from './qos2-recovery.js';
import rapidPorts from './rapid-ports.js';
import requestResponse from './request-response.js';
import retainedMessages from './retained-messages.js';
import sessionRecovery from './session-recovery.js';
import sharedSubscription from './shared-subscription.js';
import subscriptionIds from './subscription-ids.js';
import sysMonitoring from './sys-monitoring.js';
import topicAliases from './topic-aliases.js';
import websocket from './websocket.js';
import willMessage from './will-message.js';

export const SCENARIOS = [
  websocket,
  localBroker,
  brokerBridge,
  loopPrevention,
  loadBalancerRedirect,
  sharedSubscription,
  qos2Recovery,
  sessionRecovery,
  willMessage,
  retainedMessages,
  messageExpiry,
  topicAliases,
  subscriptionIds,
  requestResponse,
  flowControl,
  changeOnlyDelivery,
  codecCompression,
  connectivityDetection,
  aclPermissions,
  authTools,
  googleJwtAuth,
  sysMonitoring,
  broadcastChannel,
  rapidPorts,
];
