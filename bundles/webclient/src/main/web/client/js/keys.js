// SPDX-License-Identifier: Apache-2.0
/** Keys that work wherever nobody is typing. */

import { byId, h } from './dom.js';
import { text } from './texts.js';

const SHORTCUTS = ['/', 'n', 's', 'p', 'ctrl+enter', 'jk', 'enter', 'x', 'esc', '?'];
const SHOWN = { 'ctrl+enter': 'Ctrl Enter', jk: 'j k', enter: 'Enter', esc: 'Esc' };

/** What the keys do: a function for each key. */
export function setUpKeys(actions) {
  const help = byId('help');
  byId('help-btn').addEventListener('click', () => help.showModal());
  byId('help-close').addEventListener('click', () => help.close());
  for (const key of SHORTCUTS) {
    const caps = (SHOWN[key] ?? key).split(' ').map((cap) => h('kbd', {}, cap));
    byId('help-keys').append(h('dt', {}, ...caps), h('dd', {}, text(`help.${key}`)));
  }
  const all = { ...actions, '?': () => help.showModal() };
  addEventListener('keydown', (event) => {
    if (help.open || event.defaultPrevented) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target.closest?.('#publish-form')) {
      event.preventDefault();
      return byId('publish-form').requestSubmit();
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') return all.Escape();
    if (event.target.matches?.('input:not([type=checkbox]):not([type=radio]), textarea, select')) return;
    // There Enter has a meaning already.
    if (event.key === 'Enter' && event.target.closest?.('button, summary, a, label, input')) return;
    if (!Object.hasOwn(all, event.key)) return;
    event.preventDefault();
    all[event.key]();
  });
}
