// SPDX-License-Identifier: Apache-2.0
/** The rows of names and values that MQTT 5 calls User Properties. */

import { byId, h, icon } from './dom.js';
import { FieldFault } from './form.js';
import { text } from './texts.js';
import { stringFault } from './topics.js';

/** An editor in a place: read() gives what MQTT.js takes, or undefined if there is no row. */
export class UserProperties {
  #rows = h('div', { class: 'pairs' });
  #id;

  constructor(place, id) {
    this.#id = id;
    const add = h('button', { type: 'button', id: `${id}-add`, class: 'quiet small', click: () => this.add('', '').focus() });
    add.append(icon('plus'), text('user-properties.add'));
    const heading = h('span', { class: 'legend' }, text('user-properties'));
    place.append(h('div', { class: 'wide', id, role: 'group', 'aria-label': text('user-properties'), 'data-mqtt5': true }, heading, this.#rows, add));
  }

  add(name, value) {
    const field = (part, content) =>
      h('input', { type: 'text', value: content, autocomplete: 'off', spellcheck: 'false', 'data-part': part,
        placeholder: text(`user-properties.${part}`), 'aria-label': text(`user-properties.${part}`) });
    const first = field('name', name);
    const remove = h('button', { type: 'button', class: 'quiet icon-only', title: text('user-properties.remove'),
      'aria-label': text('user-properties.remove'), click: () => this.#remove(row) }, icon('close'));
    const row = h('div', { class: 'pair' }, first, field('value', value), remove);
    this.#rows.append(row);
    return first;
  }

  #remove(row) {
    row.remove();
    byId(`${this.#id}-add`).focus();
  }

  set(properties) {
    this.#rows.replaceChildren();
    for (const [name, values] of Object.entries(properties ?? {})) for (const value of [values].flat()) this.add(name, value);
  }

  read() {
    // Without a prototype, so that a property may be called __proto__.
    const found = Object.create(null);
    for (const row of this.#rows.children) {
      const [name, value] = row.querySelectorAll('input');
      const fault = stringFault(name.value) ?? stringFault(value.value);
      if (fault) throw new FieldFault(`${this.#id}-add`, text('fault.text', { label: text('user-properties'), rule: text(fault) }));
      (found[name.value] ??= []).push(value.value);
    }
    return this.#rows.children.length ? found : undefined;
  }
}
