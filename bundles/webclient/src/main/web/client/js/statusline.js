// SPDX-License-Identifier: Apache-2.0
/** Says how the connection is, to eyes and to ears, and which of its buttons make sense. */

import { byId, setText } from './dom.js';
import { text } from './texts.js';

export class StatusLine {
  #connection;
  #timer;

  constructor(connection) {
    this.#connection = connection;
  }

  draw() {
    const { status, retryAtMillis, settings } = this.#connection;
    clearTimeout(this.#timer);
    const seconds = Math.max(0, Math.ceil((retryAtMillis - Date.now()) / 1_000));
    setText(byId('connection-status'), text(`status.${status}`, { seconds }));
    byId('connection-status').dataset.state = status;
    document.body.dataset.state = status;
    if (status === 'waiting') this.#timer = setTimeout(() => this.draw(), 1_000);
    const idle = status === 'disconnected';
    if (idle) byId('connection-settings').open = true;
    byId('connect-btn').hidden = !idle;
    byId('disconnect-btn').hidden = idle;
    setText(byId('disconnect-btn'), text(status === 'connected' ? 'connect.disconnect' : 'connect.cancel'));
    byId('connect-fields').disabled = !idle;
    byId('subscribe-btn').disabled = byId('publish-btn').disabled = idle;
    this.#drawSummary(status, settings);
  }

  #drawSummary(status, settings) {
    const summary = byId('connection-summary');
    summary.hidden = !settings || status === 'disconnected';
    if (summary.hidden) return;
    setText(byId('connection-url'), settings.url);
    const session = this.#connection.sessionPresent ? 'resumed' : 'new';
    const version = text(`version.${settings.options.protocolVersion}`);
    setText(byId('connection-facts'), text('connect.summary', {
      client: settings.options.clientId, version, session: text(`connect.session.${session}`) }));
  }
}
