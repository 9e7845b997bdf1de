// SPDX-License-Identifier: Apache-2.0
/** Elements. Whatever comes from outside becomes text or a harmless attribute, never markup. */

import { text } from './texts.js';

const SVG = 'http://www.w3.org/2000/svg';
const PROPERTIES = new Set(['value', 'checked', 'disabled', 'hidden', 'htmlFor', 'tabIndex', 'type']);

export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`no element ${id}`);
  return element;
}

/** An element with attributes and children; strings become text, functions listen: h('button', {class: 'x', click: go}, 'Go'). */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(key, value);
    else if (PROPERTIES.has(key)) element[key] = value;
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

/** One of the drawings at the beginning of the page. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}

export function setText(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

/** Puts the texts into a page that only names them. */
export function fillTexts(root) {
  const kinds = { text: null, label: 'aria-label', hint: 'placeholder', title: 'title' };
  for (const [kind, attribute] of Object.entries(kinds)) {
    for (const element of root.querySelectorAll(`[data-${kind}]`)) {
      const value = text(element.dataset[kind]);
      if (attribute === null) element.textContent = value;
      else element.setAttribute(attribute, value);
      if (attribute === 'title' && !element.hasAttribute('aria-label')) element.setAttribute('aria-label', value);
    }
  }
}
