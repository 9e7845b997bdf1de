// SPDX-License-Identifier: Apache-2.0
// Payloads that are packed, and say so in their content type: application/json+gzip. By what browsers have.

const FORMATS = ['gzip', 'deflate'];
/** Less gains nothing. */
const WORTH_BYTES = 128;
/** A few bytes can unpack to a gigabyte: nobody sends us more than this. */
export const UNPACKED_BYTES_MAX = 1024 * 1024;

/** Gives {payload, contentType}; what is short or does not get shorter stays as it is. */
export async function pack(text, contentType, format = 'gzip') {
  if (!FORMATS.includes(format)) throw new RangeError(`no format ${format}`);
  const plain = new TextEncoder().encode(text);
  if (plain.length < WORTH_BYTES) return { payload: plain, contentType };
  const packed = await bytesOf(new Blob([plain]).stream().pipeThrough(new CompressionStream(format)), Infinity);
  return packed.length < plain.length ? { payload: packed, contentType: `${contentType}+${format}` } : { payload: plain, contentType };
}

/** The text of a message, unpacked where its content type says that it is packed. Rejects when it gets too long. */
export async function unpack({ payload, properties: { contentType = '' } }) {
  const format = FORMATS.find(each => contentType.endsWith(`+${each}`));
  const bytes = format
    ? await bytesOf(new Blob([payload]).stream().pipeThrough(new DecompressionStream(format)), UNPACKED_BYTES_MAX)
    : payload;
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

async function bytesOf(stream, max) {
  const parts = [];
  let length = 0;
  // Leaving the loop cancels the stream: nothing more is unpacked.
  for await (const part of stream) {
    length += part.length;
    if (length > max) throw new RangeError(`it unpacks to more than ${max} bytes`);
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
