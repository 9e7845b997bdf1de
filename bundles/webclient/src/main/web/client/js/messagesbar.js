// SPDX-License-Identifier: Apache-2.0
/** Above the messages: which of them are shown, how many there are, and whether the list follows. */

import { byId, setText } from './dom.js';
import { showFault } from './faults.js';
import { searchFor } from './search.js';
import { text } from './texts.js';

const SEARCH_MILLIS = 120;

export class MessagesBar {
  #log;
  #list;
  #dir = 'all';
  #only;
  #search = () => true;
  #timer;
  #filtered = false;

  constructor(log, list) {
    this.#log = log;
    this.#list = list;
    for (const dir of ['all', 'received', 'published']) {
      byId(`show-${dir}`).addEventListener('change', () => {
        this.#dir = dir;
        this.#apply();
      });
    }
    byId('filter').addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#searched(), SEARCH_MILLIS);
    });
    byId('pause-btn').addEventListener('click', () => this.togglePause());
    byId('new-messages').addEventListener('click', () => list.follow(true));
    byId('clear-messages').addEventListener('click', () => this.#clear());
    byId('only-end').addEventListener('click', () => this.showOnly(undefined));
  }

  #searched() {
    try {
      this.#search = searchFor(byId('filter').value);
      byId('filter').removeAttribute('aria-invalid');
    } catch (error) {
      byId('filter').setAttribute('aria-invalid', 'true');
      return showFault({ code: 'regex', text: text('fault.regex', { cause: error.message }) });
    }
    this.#apply();
  }

  /** Shows the messages of one subscription, or of all; asked twice for one, of all again. */
  showOnly(subscription) {
    this.#only = subscription?.filter === this.#only ? undefined : subscription?.filter;
    byId('only').hidden = this.#only === undefined;
    if (this.#only !== undefined) setText(byId('only-text'), text('messages.only', { filter: this.#only }));
    this.#apply();
  }

  forget(subscription) {
    if (this.#only === subscription.filter) this.showOnly(undefined);
  }

  #apply() {
    const dir = this.#dir;
    const only = this.#only;
    const search = this.#search;
    this.#filtered = dir !== 'all' || only !== undefined || byId('filter').value.trim() !== '';
    this.#log.show((row) => (dir === 'all' || row.dir === dir) && (only === undefined || row.filter === only) && search(row));
    this.#list.replaced();
  }

  togglePause() {
    this.#list.follow(!this.#list.following);
  }

  #clear() {
    this.#log.clear();
    this.#list.select(undefined);
    this.#list.follow(true);
  }

  draw(status, subscriptions) {
    const { counts, kept, length } = this.#log;
    setText(byId('count-all'), (counts.received + counts.published).toLocaleString());
    setText(byId('count-received'), counts.received.toLocaleString());
    setText(byId('count-published'), counts.published.toLocaleString());
    const notes = [];
    if (this.#filtered && kept) notes.push(text('messages.shown', { shown: length.toLocaleString(), kept: kept.toLocaleString() }));
    if (counts.dropped) notes.push(text('messages.dropped', { dropped: counts.dropped.toLocaleString() }));
    setText(byId('messages-note'), notes.join(' · '));
    this.#drawPause();
    byId('messages-none').hidden = length > 0;
    if (length === 0) setText(byId('messages-none-text'), text(this.#noneKey(status, subscriptions, kept)));
  }

  #noneKey(status, subscriptions, kept) {
    if (kept) return 'messages.none.filtered';
    if (status !== 'connected') return 'messages.none.disconnected';
    return subscriptions ? 'messages.none.waiting' : 'messages.none.connected';
  }

  #drawPause() {
    const { following, unseen } = this.#list;
    const button = byId('pause-btn');
    button.setAttribute('aria-pressed', String(!following));
    const title = text(following ? 'messages.pause' : 'messages.resume');
    if (button.title !== title) {
      button.title = title;
      button.setAttribute('aria-label', title);
    }
    const note = byId('new-messages');
    note.hidden = following;
    setText(note, text('messages.paused', { count: unseen.toLocaleString() }));
    byId('messages').dataset.state = following ? 'following' : 'paused';
  }
}
