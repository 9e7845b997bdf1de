// SPDX-License-Identifier: Apache-2.0
/** The form to subscribe, the list of what is subscribed, and which message came by which subscription. */

import { byId, h, icon, setText } from './dom.js';
import { attempt, showFault } from './faults.js';
import { addFields, checked, chosen, FieldFault, numberIn, present, refuseIf } from './form.js';
import { reasonText } from './reasons.js';
import { text } from './texts.js';
import { filterFault, isShared, matches, splitFilters } from './topics.js';
import { UserProperties } from './userproperties.js';

const HUES = 8;
const TOPICS_REMEMBERED_MAX = 2_000;
const IDENTIFIER_MAX = 268_435_455;

const OPTIONS = [
  { id: 'retain-handling', kind: 'select', v5: true,
    options: [0, 1, 2].map((handling) => [handling, `retain-handling.${handling}`]) },
  { id: 'subscription-id', kind: 'number', min: 1, max: IDENTIFIER_MAX, v5: true },
  { id: 'no-local', kind: 'check', v5: true },
  { id: 'retain-as-published', kind: 'check', v5: true },
];

/**
 * Tells its listener: changed() when the list did, showOnly(subscription) when a person wants to see
 * those messages alone, unsubscribed(subscription) once it is gone.
 */
export class Subscriptions {
  #connection;
  #settings;
  #listener;
  #userProperties;
  #byFilter = new Map();
  #nextHue = 0;
  /** Topics repeat far more often than subscriptions change. */
  #byTopic = new Map();

  constructor(connection, settings, listener) {
    this.#connection = connection;
    this.#settings = settings;
    this.#listener = listener;
    addFields(byId('subscribe-options'), OPTIONS);
    this.#userProperties = new UserProperties(byId('subscribe-options'), 'subscribe-user-properties');
    byId('subscribe-form').addEventListener('submit', (event) => {
      event.preventDefault();
      attempt(() => this.#submit());
    });
  }

  get list() {
    return [...this.#byFilter.values()];
  }

  #submit() {
    if (this.#connection.status !== 'connected') throw new FieldFault('subscribe-topic', text('fault.not.connected'));
    const wanted = splitFilters(byId('subscribe-topic').value).map((filter) => this.#wanted(filter));
    const properties = this.#settings.version === 5
      ? present({ subscriptionIdentifier: numberIn('subscription-id'), userProperties: this.#userProperties.read() })
      : {};
    const added = wanted.map((options) => this.#add(options, properties));
    byId('subscribe-topic').value = '';
    this.#send(added);
  }

  #wanted(filter) {
    if (filter === '') refuseIf('subscribe-topic', filterFault(filter));
    const rule = filterFault(filter);
    if (rule) throw new FieldFault('subscribe-topic', text('fault.filter', { filter: filter.slice(0, 100), rule: text(rule) }));
    const options = { filter, qos: Number(chosen('subscribe-qos')) };
    if (this.#settings.version < 5) return options;
    if (isShared(filter) && checked('no-local')) throw new FieldFault('no-local', text('fault.share.no-local'));
    const handling = Number(chosen('retain-handling'));
    return { ...options, nl: checked('no-local'), rap: checked('retain-as-published'), rh: handling };
  }

  #add(options, properties) {
    const known = this.#byFilter.get(options.filter);
    const subscription = {
      filter: options.filter,
      options,
      properties,
      state: 'pending',
      code: null,
      said: undefined,
      count: known?.count ?? 0,
      hue: known?.hue ?? this.#nextHue++ % HUES,
    };
    this.#byFilter.set(options.filter, subscription);
    return subscription;
  }

  /** Sends those with equal properties together, which for those from the form is all. */
  #send(subscriptions) {
    this.#changed();
    const byProperties = Map.groupBy(subscriptions, (subscription) => subscription.properties);
    for (const [properties, group] of byProperties) this.#sendTogether(group, properties);
  }

  async #sendTogether(group, properties) {
    try {
      const { codes, said } = await this.#connection.subscribe(
        group.map((subscription) => subscription.options),
        Object.keys(properties).length ? properties : undefined,
      );
      group.forEach((subscription, i) => {
        subscription.code = codes[i];
        subscription.said = said;
        subscription.state = codes[i] >= 0x80 ? 'refused' : 'active';
      });
    } catch {
      // The connection ended: connectionChanged() says the rest.
    }
    this.#changed();
  }

  async #unsubscribe(subscription) {
    const { filter, state } = subscription;
    if (state === 'active' && this.#connection.status === 'connected') {
      try {
        const { code, said } = await this.#connection.unsubscribe(filter);
        if (code >= 0x80) return showFault({ code: 'unsubscribe', text: text('fault.unsubscribe', { filter, reason: reasonText(code, said) }) });
      } catch {
        return;
      }
    }
    this.#byFilter.delete(filter);
    this.#listener.unsubscribed(subscription);
    this.#changed();
    byId('subscribe-topic').focus();
  }

  /** A broker that has no session has no subscriptions either. */
  connected({ sessionPresent, again }) {
    const held = this.list.filter((subscription) => subscription.state !== 'refused');
    for (const subscription of held) subscription.state = sessionPresent && again ? 'active' : 'pending';
    if (held.length && !(sessionPresent && again)) this.#send(held);
    this.#changed();
  }

  connectionChanged() {
    if (this.#connection.status === 'connected') return;
    for (const subscription of this.#byFilter.values()) {
      if (subscription.state === 'active' || subscription.state === 'pending') subscription.state = 'inactive';
    }
    this.#changed();
  }

  /** By which subscription a message came, or undefined: by its identifier if it has one, else by its topic. */
  ofMessage(topic, properties) {
    const ids = [properties?.subscriptionIdentifier ?? []].flat();
    let found = ids.length ? this.list.find((subscription) => ids.includes(subscription.properties.subscriptionIdentifier)) : undefined;
    found ??= this.#ofTopic(topic);
    if (found) found.count++;
    return found;
  }

  #ofTopic(topic) {
    if (this.#byTopic.has(topic)) return this.#byTopic.get(topic);
    if (this.#byTopic.size >= TOPICS_REMEMBERED_MAX) this.#byTopic.clear();
    const found = this.list.find(({ state, filter }) => state !== 'refused' && matches(filter, topic));
    this.#byTopic.set(topic, found);
    return found;
  }

  #changed() {
    this.#byTopic.clear();
    this.#draw();
    this.#listener.changed();
  }

  /** Only the numbers, which change with each message. */
  drawCounts() {
    for (const item of byId('subscriptions').children) {
      const subscription = this.#byFilter.get(item.dataset.filter);
      if (subscription) setText(item.querySelector('.count'), subscription.count ? subscription.count.toLocaleString() : '');
    }
  }

  #draw() {
    byId('subscriptions').replaceChildren(...this.list.map((subscription) => this.#item(subscription)));
    byId('subscriptions-none').hidden = this.#byFilter.size > 0;
    this.drawCounts();
  }

  #item(subscription) {
    const { filter, state, options, code, hue } = subscription;
    const only = h('button', { type: 'button', class: 'only', title: text('subscribe.only', { filter }),
      click: () => this.#listener.showOnly(subscription) }, h('span', { class: 'mono filter' }, filter));
    const remove = h('button', { type: 'button', class: 'quiet icon-only unsubscribe', title: text('subscribe.unsubscribe', { filter }),
      'aria-label': text('subscribe.unsubscribe', { filter }), click: () => this.#unsubscribe(subscription) }, icon('close'));
    return h('li', { class: `subscription hue-${hue}`, 'data-filter': filter, 'data-topic': filter, 'data-state': state,
      'data-qos': options.qos, 'data-code': code }, only, h('span', { class: 'count' }), remove,
      h('span', { class: 'chips' }, ...chips(subscription)));
  }
}

function chips({ state, code, said, options, properties }) {
  const texts = [];
  if (state === 'refused') texts.push([text('subscribe.refused', { reason: reasonText(code, said) }), 'bad']);
  else if (state === 'active') texts.push([text('subscribe.granted', { qos: code ?? options.qos }), 'plain']);
  else texts.push([text(`subscribe.${state}`), 'plain']);
  if (options.nl) texts.push([text('no-local.chip'), 'plain']);
  if (options.rap) texts.push([text('retain-as-published.chip'), 'plain']);
  if (options.rh) texts.push([text(`retain-handling.${options.rh}.chip`), 'plain']);
  const id = properties.subscriptionIdentifier;
  if (id) texts.push([text('subscription-id.chip', { id }), 'plain']);
  return texts.map(([content, kind]) => h('span', { class: `chip ${kind}` }, content));
}
