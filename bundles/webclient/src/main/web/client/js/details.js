// SPDX-License-Identifier: Apache-2.0
/** All of one message. */

import { byId, h, setText } from './dom.js';
import { asBase64, asHex, asHexDump, asJson, asText, bestFormat, SHOWN_BYTES_MAX } from './payload.js';
import { reasonText } from './reasons.js';
import { text } from './texts.js';

const SHOW = { text: asText, json: asJson, hex: asHexDump, base64: asBase64 };
const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** Tells its listener: closed(), edit(row), forget(topic). */
export class Details {
  #row;
  #format;
  #listener;

  constructor(listener) {
    this.#listener = listener;
    byId('details-close').addEventListener('click', () => this.close());
    byId('details-again').addEventListener('click', () => listener.edit(this.#row));
    byId('details-forget').addEventListener('click', () => listener.forget(this.#row.topic));
    byId('details-download').addEventListener('click', () => download(this.#row));
    byId('details-copy').addEventListener('click', () => this.#copy());
    for (const choice of byId('details-formats').querySelectorAll('input')) {
      choice.addEventListener('change', () => this.#show(choice.value));
    }
  }

  get isOpen() {
    return !byId('details').hidden;
  }

  open(row) {
    this.#row = row;
    byId('details').hidden = false;
    this.#show(bestFormat(row.payload.subarray(0, SHOWN_BYTES_MAX)));
    this.refresh();
  }

  /** Shows another row if it is open, for those who walk through the list. */
  follow(row) {
    if (this.isOpen && row) this.open(row);
  }

  /** What may change while it is open: how the broker answered. */
  refresh() {
    if (!this.isOpen || !this.#row) return;
    const row = this.#row;
    const { dataset } = byId('details');
    Object.assign(dataset, { topic: row.topic, qos: row.qos, retain: row.retain, dir: row.dir, state: row.state });
    setText(byId('details-topic'), row.topic);
    setText(byId('details-time'), WHEN.format(row.time));
    byId('details-time').dateTime = new Date(row.time).toISOString();
    byId('details-facts').replaceChildren(...facts(row).map((fact) => h('span', { class: 'chip plain' }, fact)));
    const properties = propertiesOf(row);
    byId('details-properties').hidden = properties.length === 0;
    byId('details-property-list').replaceChildren(...properties.flatMap(([name, value, kind]) =>
      [h('dt', { class: kind }, name), h('dd', { class: 'mono' }, value)]));
    byId('details-forget').hidden = !row.retain || row.payload.length === 0;
  }

  #show(format) {
    this.#format = format;
    const shown = this.#row.payload.subarray(0, SHOWN_BYTES_MAX);
    const cut = shown.length < this.#row.payload.length;
    for (const choice of byId('details-formats').querySelectorAll('input')) choice.checked = choice.value === format;
    // A cut in the middle of a character would make no text of a text.
    const content = SHOW[format](shown) ?? (cut && format === 'text' ? new TextDecoder().decode(shown) : null);
    byId('details-payload').classList.toggle('none', content === null || content === '');
    setText(byId('details-payload'), content ?? text(`details.not.${format}`));
    if (content === '') setText(byId('details-payload'), text('messages.empty'));
    byId('details-cut').hidden = !cut;
    if (cut) setText(byId('details-cut'), text('details.cut', { bytes: SHOWN_BYTES_MAX.toLocaleString() }));
  }

  async #copy() {
    const { payload } = this.#row;
    const content = this.#format === 'hex' ? asHex(payload) : (SHOW[this.#format](payload) ?? asHex(payload));
    if (navigator.clipboard) await navigator.clipboard.writeText(content).catch(() => selectAndCopy(content));
    else selectAndCopy(content);
    setText(byId('details-copy'), text('details.copied'));
    setTimeout(() => setText(byId('details-copy'), text('details.copy')), 1_500);
  }

  close() {
    if (!this.isOpen) return;
    byId('details').hidden = true;
    this.#row = undefined;
    this.#listener.closed();
  }
}

function facts(row) {
  const known = [text(`message.${row.dir}`), `QoS ${row.qos}`, text('details.size', { bytes: row.payload.length.toLocaleString() })];
  if (row.retain) known.push(text('message.retained'));
  if (row.dup) known.push(text('message.dup'));
  if (row.dir === 'published') known.push(text(`state.${row.state}`));
  return known;
}

/** Names and values as texts; the names of User Properties are the sender's. */
function propertiesOf(row) {
  const found = [];
  const users = [];
  if (row.code || row.said) found.push([text('details.reason'), reasonText(row.code ?? 0, row.said)]);
  for (const [name, value] of Object.entries(row.properties ?? {})) {
    if (name === 'userProperties') {
      for (const [key, values] of Object.entries(value)) for (const one of [values].flat()) users.push([key, String(one), 'mono']);
    } else if (name === 'correlationData') found.push([text(`property.${name}`), correlationText(value)]);
    else if (name === 'payloadFormatIndicator') found.push([text(`property.${name}`), text(`property.${name}.${Boolean(value)}`)]);
    else found.push([text(`property.${name}`), String(value)]);
  }
  return [...found, ...users];
}

function correlationText(bytes) {
  const hex = `0x${asHex(bytes).replaceAll(' ', '')}`;
  return bestFormat(bytes) === 'hex' ? hex : `${asText(bytes)} (${hex})`;
}

/** Where a page without https has no clipboard. */
function selectAndCopy(content) {
  const area = h('textarea', { class: 'offscreen' });
  area.value = content;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

function download(row) {
  const address = URL.createObjectURL(new Blob([row.payload]));
  const name = row.topic.replace(/[^\w.-]+/g, '_').replace(/^[._]+/, '').slice(0, 80) || 'message';
  const link = h('a', { href: address, download: `${name}.bin` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
