// SPDX-License-Identifier: Apache-2.0
/**
 * The form of the connection, and what is remembered of it: how to reach the broker, never a password, a user property or a
 * will, which may hold secrets. The client ID stays with the tab, so that reloading it continues its session.
 */

import { byId } from './dom.js';
import { defaultUrl, urlFault } from './diagnosis.js';
import { addFields, bytesIn, checked, chosen, FieldFault, numberIn, present, QOS, refuseIf, textIn } from './form.js';
import { encode } from './payload.js';
import { text } from './texts.js';
import { nameFault, stringFault } from './topics.js';
import { UserProperties } from './userproperties.js';

const STORED = 'courtier.client';
const TAB = 'courtier.client-id';
const REMEMBERED = ['broker-url', 'protocol-version', 'username', 'keep-alive', 'session-expiry', 'receive-maximum',
  'maximum-packet-size', 'topic-alias-maximum'];
const SECONDS_MAX = 4_294_967_295;

const OPTIONS = [
  { id: 'keep-alive', kind: 'number', min: 0, max: 65_535, value: 60 },
  { id: 'session-expiry', kind: 'number', min: 0, max: SECONDS_MAX, v5: true },
  { id: 'receive-maximum', kind: 'number', min: 1, max: 65_535, v5: true },
  { id: 'maximum-packet-size', kind: 'number', min: 1, max: SECONDS_MAX, v5: true },
  { id: 'topic-alias-maximum', kind: 'number', min: 0, max: 65_535, v5: true },
  { id: 'clean-start', kind: 'check', value: true },
  { id: 'request-response-information', kind: 'check', v5: true },
  { id: 'request-problem-information', kind: 'check', value: true, v5: true },
];

const WILL = [
  { id: 'will-enabled', kind: 'check' },
  { id: 'will-topic', kind: 'text', wide: true },
  { id: 'will-payload', kind: 'area' },
  { id: 'will-format', kind: 'select', options: ['text', 'json', 'hex', 'base64'].map((format) => [format, `format.${format}`]) },
  { id: 'will-qos', kind: 'select', options: QOS },
  { id: 'will-retain', kind: 'check' },
  { id: 'will-payload-format-indicator', kind: 'check', v5: true },
  { id: 'will-delay', kind: 'number', min: 0, max: SECONDS_MAX, v5: true },
  { id: 'will-expiry', kind: 'number', min: 0, max: SECONDS_MAX, v5: true },
  { id: 'will-content-type', kind: 'text', v5: true },
  { id: 'will-response-topic', kind: 'text', v5: true },
  { id: 'will-correlation-data', kind: 'text', v5: true },
];

export class Settings {
  #userProperties;
  #willProperties;

  constructor() {
    addFields(byId('connect-options'), OPTIONS);
    addFields(byId('will-options'), WILL);
    this.#userProperties = new UserProperties(byId('connect-options'), 'connect-user-properties');
    this.#willProperties = new UserProperties(byId('will-options'), 'will-user-properties');
    byId('broker-url').value = defaultUrl();
    this.#recall();
    this.#prefill(new URLSearchParams(location.search));
    byId('client-id-new').addEventListener('click', () => this.#setClientId(newClientId()));
    byId('protocol-version').addEventListener('change', () => this.#showVersion());
    byId('will-enabled').addEventListener('change', () => this.#showWill());
    for (const field of byId('will-options').querySelectorAll('input, textarea')) {
      field.addEventListener('input', () => field.id === 'will-topic' && this.#enableWill());
    }
    this.#showVersion();
    this.#showWill();
  }

  /** 3, 4 or 5, as in CONNECT. */
  get version() {
    return Number(chosen('protocol-version'));
  }

  #setClientId(id) {
    byId('client-id').value = id;
    stored(sessionStorage, TAB, id);
  }

  #showVersion() {
    document.body.dataset.version = String(this.version);
  }

  #showWill() {
    byId('will-mark').hidden = !checked('will-enabled');
  }

  #enableWill() {
    byId('will-enabled').checked = byId('will-topic').value !== '';
    this.#showWill();
  }

  /** ?url= or ?host=&port=&path=, ?username= and ?clientId=; whoever wrote the link, the person still presses Connect. */
  #prefill(query) {
    const host = query.get('host');
    const secure = query.get('tls') ? query.get('tls') === 'true' : location.protocol === 'https:';
    const port = query.get('port') ? `:${query.get('port')}` : '';
    const url = query.get('url') ?? (host && `${secure ? 'wss' : 'ws'}://${host}${port}${query.get('path') ?? '/mqtt'}`);
    if (url) byId('broker-url').value = url;
    if (query.get('username')) byId('username').value = query.get('username');
    if (query.get('clientId')) byId('client-id').value = query.get('clientId');
  }

  /** What to connect with: {url, options}. Throws what a person has to correct. */
  read() {
    const url = byId('broker-url').value.trim();
    const wrong = urlFault(url);
    if (wrong) throw Object.assign(new FieldFault('broker-url', wrong.text), { code: wrong.code });
    const options = { ...this.#identity(), ...this.#credentials(), keepalive: numberIn('keep-alive') ?? 0 };
    if (this.version === 5) options.properties = this.#properties();
    if (checked('will-enabled')) options.will = this.#will();
    return { url, options };
  }

  #identity() {
    if (byId('client-id').value === '') byId('client-id').value = newClientId();
    const clientId = textIn('client-id');
    if (this.version === 3 && clientId.length > 23) throw new FieldFault('client-id', text('fault.client-id.31'));
    stored(sessionStorage, TAB, clientId);
    const protocolId = this.version === 3 ? 'MQIsdp' : 'MQTT';
    return { clientId, clean: checked('clean-start'), protocolId, protocolVersion: this.version };
  }

  #credentials() {
    const username = textIn('username');
    const password = byId('password').value || undefined;
    if (password && !username && this.version < 5) throw new FieldFault('username', text('fault.password.alone'));
    return present({ username, password });
  }

  #properties() {
    return present({
      sessionExpiryInterval: numberIn('session-expiry'),
      receiveMaximum: numberIn('receive-maximum'),
      maximumPacketSize: numberIn('maximum-packet-size'),
      topicAliasMaximum: numberIn('topic-alias-maximum'),
      requestResponseInformation: checked('request-response-information') || undefined,
      requestProblemInformation: checked('request-problem-information') ? undefined : false,
      userProperties: this.#userProperties.read(),
    });
  }

  #will() {
    const topic = byId('will-topic').value;
    refuseIf('will-topic', nameFault(topic));
    const payload = encode(chosen('will-format'), byId('will-payload').value);
    const will = { topic, payload, qos: Number(chosen('will-qos')), retain: checked('will-retain') };
    if (this.version < 5) return will;
    const responseTopic = textIn('will-response-topic');
    if (responseTopic) refuseIf('will-response-topic', nameFault(responseTopic));
    const properties = present({
      willDelayInterval: numberIn('will-delay'),
      payloadFormatIndicator: checked('will-payload-format-indicator') || undefined,
      messageExpiryInterval: numberIn('will-expiry'),
      contentType: textIn('will-content-type'),
      responseTopic,
      correlationData: bytesIn('will-correlation-data'),
      userProperties: this.#willProperties.read(),
    });
    return { ...will, properties };
  }

  /** Called once a connection was made: what did not work is not worth remembering. */
  remember() {
    const kept = Object.fromEntries(REMEMBERED.map((id) => [id, byId(id).value]));
    // A token may stand behind the question mark.
    kept['broker-url'] = kept['broker-url'].replace(/\?.*/, '');
    if (kept['broker-url'] === defaultUrl()) delete kept['broker-url'];
    stored(localStorage, STORED, JSON.stringify({ ...kept, 'clean-start': checked('clean-start') }));
  }

  #recall() {
    const clientId = recalled(() => sessionStorage.getItem(TAB));
    if (clientId && !stringFault(clientId)) byId('client-id').value = clientId;
    const kept = recalled(() => JSON.parse(localStorage.getItem(STORED))) ?? {};
    for (const id of REMEMBERED) if (typeof kept[id] === 'string') byId(id).value = kept[id];
    if (kept['clean-start'] === false) byId('clean-start').checked = false;
  }
}

function newClientId() {
  const random = crypto.getRandomValues(new Uint8Array(8));
  return `courtier-${Array.from(random, (byte) => 'abcdefghijkmnpqrstuvwxyz23456789'[byte & 31]).join('')}`;
}

function stored(storage, key, value) {
  try {
    storage.setItem(key, value);
  } catch {
    // Blocked or full: then it is not remembered.
  }
}

function recalled(read) {
  try {
    return read();
  } catch {
    return null;
  }
}
