// SPDX-License-Identifier: Apache-2.0
/** Payloads as people write and read them. Bytes stay bytes: nothing here loses one. Pure: no page, no texts. */

/** Longer payloads are shown up to here, and downloaded in full. */
export const SHOWN_BYTES_MAX = 64 * 1024;

/** More nested than this it is shown as it came: the indentation alone would fill the memory. */
const DEPTH_MAX = 200;

const utf8 = new TextEncoder();
const strictly = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const loosely = new TextDecoder('utf-8', { ignoreBOM: true });

/** What a person wrote is not in the format that they chose. The message is a key of texts.js. */
export class PayloadFault extends Error {}

/** The bytes of what was written in a format: text, json, hex or base64. */
export function encode(format, written) {
  if (format === 'hex') return fromHex(written);
  if (format === 'base64') return fromBase64(written);
  if (format === 'json') {
    try {
      JSON.parse(written);
    } catch {
      throw new PayloadFault('payload.json');
    }
  }
  return utf8.encode(written);
}

export function fromHex(written) {
  const digits = written.replace(/0x|[\s:,-]/gi, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new PayloadFault('payload.hex');
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function fromBase64(written) {
  const digits = written.replace(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/');
  try {
    return Uint8Array.from(atob(digits), (char) => char.charCodeAt(0));
  } catch {
    throw new PayloadFault('payload.base64');
  }
}

/** The text that these bytes are in UTF-8, or null if they are none. */
export function asText(bytes) {
  try {
    return strictly.decode(bytes);
  } catch {
    return null;
  }
}

export function asHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** Lines of offset, sixteen bytes in hex, and those bytes as ASCII. */
export function asHexDump(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const line = bytes.subarray(at, at + 16);
    const ascii = Array.from(line, (byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${asHex(line).padEnd(48)} ${ascii}`);
  }
  return lines.join('\n');
}

export function asBase64(bytes) {
  let chars = '';
  for (let at = 0; at < bytes.length; at += 8192) chars += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(chars);
}

/** JSON in lines, its numbers and keys as they came, or null if it is none. */
export function asJson(bytes) {
  const text = asText(bytes);
  if (text === null) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  return indented(text) ?? text;
}

/** Moves tokens and never reads them, so that 12345678901234567890 stays what it is. Null if nested too deep. */
function indented(json) {
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  const out = [];
  let depth = 0;
  const line = () => '\n' + '  '.repeat(depth);
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    const next = tokens[i + 1];
    if (token === '{' || token === '[') {
      if (next === '}' || next === ']') {
        out.push(token + next);
        i++;
        continue;
      }
      if (++depth > DEPTH_MAX) return null;
      out.push(token, line());
    } else if (token === '}' || token === ']') {
      depth--;
      out.push(line(), token);
    } else if (token === ',') out.push(token, line());
    else out.push(token === ':' ? ': ' : token);
  }
  return out.join('');
}

/** The format in which a payload says most: json, text or hex. */
export function bestFormat(bytes) {
  const text = asText(bytes);
  if (text === null || isBinary(text)) return 'hex';
  if (/^\s*[[{]/.test(text) && asJson(bytes) !== null) return 'json';
  return 'text';
}

function isBinary(text) {
  // eslint-disable-next-line no-control-regex
  return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text);
}

/** One line that begins like the payload. */
export function preview(bytes) {
  const head = bytes.subarray(0, 256);
  // Looser than asText: the head may end within a character.
  const text = loosely.decode(head);
  if (isBinary(text) || text.slice(0, -3).includes('\ufffd')) return asHex(bytes.subarray(0, 64));
  return text.replace(/\s+/g, ' ').slice(0, 240);
}
