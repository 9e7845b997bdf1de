// SPDX-License-Identifier: Apache-2.0
/** What went wrong, said where it is seen and heard. */

import { byId, h, icon } from './dom.js';
import { FieldFault, mark } from './form.js';
import { PayloadFault } from './payload.js';
import { text } from './texts.js';

const SHOWN_MAX = 3;

let latest = null;

/** The newest of those shown: {code, text}, or null. */
export function latestFault() {
  return latest;
}

/** Shows {code, text}, with a button if there is something to do about it: {label, act}. */
export function showFault(fault, remedy) {
  const place = byId('errors');
  // Said again it would only move.
  for (const same of place.children) if (same.dataset.text === fault.text) same.remove();
  while (place.children.length >= SHOWN_MAX) place.firstElementChild.remove();
  const dismiss = h('button', { type: 'button', class: 'quiet icon-only', title: text('fault.dismiss'),
    'aria-label': text('fault.dismiss'), click: () => remove(shown) }, icon('close'));
  const act = remedy && h('button', { type: 'button', class: 'small', click: () => (remove(shown), remedy.act()) }, remedy.label);
  const shown = h('div', { class: 'fault', 'data-code': fault.code, 'data-text': fault.text },
    icon('alert'), h('p', {}, fault.text), act, dismiss);
  place.append(shown);
  latest = { code: fault.code, text: fault.text, reason: fault.reason ?? null };
}

function remove(shown) {
  shown.remove();
  if (byId('errors').children.length === 0) latest = null;
}

export function clearFaults() {
  byId('errors').replaceChildren();
  latest = null;
}

/** Runs what a person asked for, and shows what they have to correct, instead of what they had to before. */
export function attempt(action) {
  for (const shown of [...byId('errors').children]) if (shown.dataset.code.startsWith('field.')) remove(shown);
  try {
    action();
  } catch (error) {
    if (error instanceof FieldFault) {
      showFault({ code: error.code ?? `field.${error.id}`, text: error.message });
      mark(error.id);
    } else if (error instanceof PayloadFault) {
      showFault({ code: `field.${error.message}`, text: text(error.message) });
    } else throw error;
  }
}

/** What nobody foresaw is shown too, instead of leaving a page that does nothing. */
export function watchForBugs() {
  const tell = (cause) => showFault({ code: 'page', text: text('fault.page', { cause }) });
  addEventListener('error', (event) => tell(event.message));
  addEventListener('unhandledrejection', (event) => tell(String(event.reason)));
}

