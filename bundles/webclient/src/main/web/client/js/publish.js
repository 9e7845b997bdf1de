// SPDX-License-Identifier: Apache-2.0
/** The form to publish. */

import { byId, h } from './dom.js';
import { attempt } from './faults.js';
import { addFields, bytesIn, checked, chosen, FieldFault, numberIn, present, refuseIf, textIn } from './form.js';
import { asHex, asText, encode } from './payload.js';
import { text } from './texts.js';
import { nameFault } from './topics.js';
import { UserProperties } from './userproperties.js';

const BYTES_MAX = 268_435_455;
const TOPICS_OFFERED_MAX = 20;

const PROPERTIES = [
  { id: 'content-type', kind: 'text' },
  { id: 'response-topic', kind: 'text' },
  { id: 'correlation-data', kind: 'text' },
  { id: 'message-expiry', kind: 'number', min: 0, max: 4_294_967_295 },
  { id: 'topic-alias', kind: 'number', min: 1, max: 65_535 },
  { id: 'payload-format-indicator', kind: 'check' },
];

/** Calls its listener with {topic, payload, qos, retain, properties}. */
export class Publish {
  #connection;
  #settings;
  #publish;
  #userProperties;
  #file;

  constructor(connection, settings, publish) {
    this.#connection = connection;
    this.#settings = settings;
    this.#publish = publish;
    addFields(byId('publish-options'), PROPERTIES);
    this.#userProperties = new UserProperties(byId('publish-options'), 'publish-user-properties');
    byId('publish-form').addEventListener('submit', (event) => {
      event.preventDefault();
      attempt(() => this.#submit());
    });
    byId('publish-format').addEventListener('change', () => this.#showFormat());
    byId('publish-file').addEventListener('change', () => this.#readFile());
    this.#showFormat();
  }

  #showFormat() {
    const format = chosen('publish-format');
    byId('publish-file').hidden = format !== 'file';
    byId('publish-payload').hidden = format === 'file';
    if (format !== 'file') byId('publish-payload').placeholder = text(`publish.payload.${format}`);
  }

  async #readFile() {
    const [file] = byId('publish-file').files;
    this.#file = undefined;
    if (file && file.size <= BYTES_MAX) this.#file = new Uint8Array(await file.arrayBuffer());
    else if (file) attempt(() => { throw new FieldFault('publish-file', text('fault.file.large')); });
  }

  #submit() {
    const message = this.#read();
    const { status } = this.#connection;
    if (status === 'disconnected' || status === 'connecting') throw new FieldFault('publish-topic', text('fault.not.connected'));
    if (status !== 'connected' && message.qos === 0) throw new FieldFault('publish-qos', text('fault.queue.qos0'));
    this.#offer(message.topic);
    this.#publish(message);
  }

  #read() {
    const topic = byId('publish-topic').value;
    refuseIf('publish-topic', nameFault(topic));
    const message = { topic, payload: this.#payload(), qos: Number(chosen('publish-qos')), retain: checked('publish-retain') };
    if (this.#settings.version < 5) return message;
    const responseTopic = textIn('response-topic');
    if (responseTopic) refuseIf('response-topic', nameFault(responseTopic));
    const properties = present({
      payloadFormatIndicator: checked('payload-format-indicator') || undefined,
      messageExpiryInterval: numberIn('message-expiry'),
      topicAlias: numberIn('topic-alias'),
      responseTopic,
      correlationData: bytesIn('correlation-data'),
      userProperties: this.#userProperties.read(),
      contentType: textIn('content-type'),
    });
    return { ...message, properties };
  }

  #payload() {
    const format = chosen('publish-format');
    if (format !== 'file') return encode(format, byId('publish-payload').value);
    if (!this.#file) throw new FieldFault('publish-file', text('fault.file'));
    return this.#file;
  }

  #offer(topic) {
    if (topic.length > 500) return;
    const offered = byId('publish-topics');
    for (const known of offered.children) if (known.value === topic) known.remove();
    offered.prepend(h('option', { value: topic }));
    while (offered.children.length > TOPICS_OFFERED_MAX) offered.lastElementChild.remove();
  }

  /** Fills the form with a message that came or went. */
  edit(row) {
    const written = asText(row.payload);
    byId('publish-topic').value = row.topic;
    byId('publish-format').value = written === null ? 'hex' : 'text';
    byId('publish-payload').value = written ?? asHex(row.payload);
    byId('publish-qos').value = String(row.qos);
    byId('publish-retain').checked = row.retain;
    const properties = row.properties ?? {};
    byId('content-type').value = properties.contentType ?? '';
    byId('response-topic').value = properties.responseTopic ?? '';
    byId('correlation-data').value = properties.correlationData ? `0x${asHex(properties.correlationData).replaceAll(' ', '')}` : '';
    byId('message-expiry').value = properties.messageExpiryInterval ?? '';
    byId('topic-alias').value = '';
    byId('payload-format-indicator').checked = Boolean(properties.payloadFormatIndicator);
    this.#userProperties.set(properties.userProperties);
    this.#showFormat();
    byId('publish-payload').focus();
  }
}
