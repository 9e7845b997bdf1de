// SPDX-License-Identifier: Apache-2.0
/** Fields: made from a declaration, and read with their limits. */

import { byId, h } from './dom.js';
import { encode, fromHex } from './payload.js';
import { hasText, text } from './texts.js';
import { stringFault } from './topics.js';

/** What a person entered cannot be sent. */
export class FieldFault extends Error {
  constructor(id, message) {
    super(message);
    this.id = id;
  }
}

/**
 * Adds fields to a place: {id, kind, v5, min, max, value, options}. Kinds are text, number, check, select and area. Label and
 * hint are the texts named like the id; a field with v5 hides unless the page is set to MQTT 5.
 */
export function addFields(place, fields) {
  for (const field of fields) place.append(made(field));
}

function made({ id, kind, v5, min, max, value, options, wide }) {
  const label = text(id);
  const marks = { class: wide || kind === 'area' ? 'field wide' : 'field', 'data-mqtt5': v5 };
  if (kind === 'check') {
    return h('label', { ...marks, class: 'check' }, h('input', { id, type: 'checkbox', checked: value }), h('span', {}, label));
  }
  const hint = hasText(`${id}.hint`) ? text(`${id}.hint`) : undefined;
  const common = { id, autocomplete: 'off', spellcheck: 'false', placeholder: hint };
  let input;
  if (kind === 'select') input = h('select', { id }, ...options.map(([to, key]) => h('option', { value: to }, text(key))));
  else if (kind === 'area') input = h('textarea', { ...common, rows: 2 });
  else if (kind === 'number') input = h('input', { ...common, type: 'number', min, max, step: 1, inputmode: 'numeric' });
  else input = h('input', { ...common, type: 'text' });
  if (value !== undefined) input.value = value;
  return h('div', marks, h('label', { htmlFor: id }, label), input);
}

export const QOS = [[0, 'qos.0'], [1, 'qos.1'], [2, 'qos.2']];

export function checked(id) {
  return byId(id).checked;
}

export function chosen(id) {
  return byId(id).value;
}

/** The number in a field, or undefined if it is empty. */
export function numberIn(id) {
  const input = byId(id);
  if (input.value === '' && !input.validity.badInput) return undefined;
  const number = Number(input.value);
  const [min, max] = [Number(input.min), Number(input.max)];
  if (input.value === '' || !Number.isInteger(number) || number < min || number > max) {
    throw new FieldFault(id, text('fault.number', { label: labelOf(input), min, max }));
  }
  return number;
}

/** The text in a field, or undefined if it is empty. */
export function textIn(id) {
  const input = byId(id);
  if (input.value === '') return undefined;
  refuseIf(id, stringFault(input.value));
  return input.value;
}

/** The bytes of a field that takes text, or hex behind 0x; undefined if it is empty. */
export function bytesIn(id) {
  const written = byId(id).value;
  if (written === '') return undefined;
  return written.startsWith('0x') ? fromHex(written) : encode('text', written);
}

/** Throws the rule that a field breaks, if it breaks one. */
export function refuseIf(id, rule) {
  if (rule) throw new FieldFault(id, text('fault.text', { label: labelOf(byId(id)), rule: text(rule) }));
}

function labelOf(input) {
  return input.labels?.[0]?.textContent ?? input.getAttribute('aria-label') ?? input.id;
}

/** Shows which field is meant, until it is edited. */
export function mark(id) {
  const input = byId(id);
  for (let around = input.closest('details'); around; around = around.parentElement.closest('details')) around.open = true;
  input.setAttribute('aria-invalid', 'true');
  input.addEventListener('input', () => input.removeAttribute('aria-invalid'), { once: true });
  input.focus();
}

/** Only what is there: a property that is undefined is one that is not sent. */
export function present(properties) {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
}
