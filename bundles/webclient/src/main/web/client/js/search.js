// SPDX-License-Identifier: Apache-2.0
/** Which messages a person wants to see. Pure. */

import { asText, SHOWN_BYTES_MAX, asHex } from './payload.js';

/**
 * A test for what was typed: words that topic, payload or a property contain, in any case, or /a regular expression/.
 * Throws a SyntaxError for a broken expression.
 */
export function searchFor(typed) {
  const wanted = typed.trim();
  if (wanted === '') return () => true;
  const expression = /^\/(.+)\/(i?)$/.exec(wanted);
  if (expression) {
    const pattern = new RegExp(expression[1], expression[2] + 'u');
    return (row) => textsOf(row).some((text) => pattern.test(text));
  }
  const lower = wanted.toLowerCase();
  return (row) => textsOf(row).some((text) => text.toLowerCase().includes(lower));
}

function textsOf(row) {
  const head = row.payload.subarray(0, SHOWN_BYTES_MAX);
  const texts = [row.topic, asText(head) ?? asHex(head.subarray(0, 1024))];
  for (const [name, value] of Object.entries(row.properties ?? {})) {
    if (name === 'userProperties') for (const [key, values] of Object.entries(value)) texts.push(`${key}: ${values}`);
    else if (typeof value === 'string') texts.push(value);
  }
  return texts;
}
