// SPDX-License-Identifier: Apache-2.0
import { pack, unpack, UNPACKED_BYTES_MAX } from '../codecs.js';

const report = JSON.stringify(Array.from({ length: 200 }, (_, n) => ({ sensor: `hall-3/line-${n % 8}`, value: 20 + (n % 5), unit: 'celsius' })));

async function send(c, text, format) {
  const { payload, contentType } = await pack(text, 'application/json', format);
  const before = c.reports.messages.length;
  await c.sender.publish(c.topic('reports'), payload, { qos: 1, contentType });
  return c.reports.awaits(before + 1);
}

export default {
  id: 'codec-compression',
  title: 'Packed payloads',
  text: 'Clients pack payloads with what browsers have (gzip, deflate) and name it in the content type. The broker carries bytes.',
  via: ['tab', 'server'],
  steps: [
    {
      title: 'A sender and a reader',
      async run(c) {
        c.sender = await c.client('sender');
        c.reports = await c.inbox(await c.client('reader'), c.topic('reports'));
        return `a report of ${report.length} characters`;
      },
    },
    ...['gzip', 'deflate'].map(format => ({
      title: `Packed with ${format}, and the same again when it is unpacked`,
      async run(c) {
        const message = await send(c, report, format);
        c.equal('content type', message.properties.contentType, `application/json+${format}`);
        c.ensure('less than a tenth', message.payload.length < report.length / 10);
        c.ensure('the same text', (await unpack(message)) === report);
        return `${message.payload.length} of ${report.length} bytes: ${Math.round((100 * message.payload.length) / report.length)} %`;
      },
    })),
    {
      title: 'What is short stays as it is',
      async run(c) {
        const message = await send(c, '{"value":20}', 'gzip');
        c.equal('message', [message.properties.contentType, await unpack(message)], ['application/json', '{"value":20}']);
        return '12 bytes, not packed';
      },
    },
    {
      title: 'A bomb is not unpacked',
      async run(c) {
        const { payload, contentType } = await pack('0'.repeat(UNPACKED_BYTES_MAX * 8), 'text/plain');
        await c.sender.publish(c.topic('reports'), payload, { qos: 1, contentType });
        const message = await c.reports.awaits(4);
        const error = await c.fails('it is unpacked', () => unpack(message));
        return `${payload.length} bytes that want to be ${UNPACKED_BYTES_MAX * 8}: ${error.message}`;
      },
    },
    {
      title: 'Nor is what is broken',
      async run(c) {
        await c.sender.publish(c.topic('reports'), 'not packed at all', { qos: 1, contentType: 'text/plain+gzip' });
        const message = await c.reports.awaits(5);
        await c.fails('it is unpacked', () => unpack(message));
        return 'refused by the reader';
      },
    },
  ],
};
