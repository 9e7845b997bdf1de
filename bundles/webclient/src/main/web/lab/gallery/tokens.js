// SPDX-License-Identifier: Apache-2.0
// JSON Web Tokens signed with ES256: an issuer, and who checks them. RFC 7519, RFC 7515.

const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' };
/** Clocks differ a little. */
const LEEWAY_SECONDS = 5;
const TOKEN_BYTES_MAX = 8_192;

export function newKeys() {
  return crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
}

export async function issue(privateKey, claims) {
  const signed = `${base64url(json({ alg: 'ES256', typ: 'JWT' }))}.${base64url(json(claims))}`;
  const signature = await crypto.subtle.sign(SIGNATURE, privateKey, new TextEncoder().encode(signed));
  return `${signed}.${base64url(new Uint8Array(signature))}`;
}

/** Gives the claims of a token. Rejects unless it is signed by this key, for this audience, and good now. */
export async function check(token, publicKey, { issuer, audience, now = Date.now() / 1_000 }) {
  if (token.length > TOKEN_BYTES_MAX) throw new Error('the token is too long');
  const [head, body, signature, ...more] = token.split('.');
  if (!signature || more.length > 0) throw new Error('it is no token');
  // Never what the token asks for: one algorithm, and it is ours.
  if (read(head).alg !== 'ES256') throw new Error('the token is not signed with ES256');
  const right = await crypto.subtle.verify(SIGNATURE, publicKey, bytes(signature), new TextEncoder().encode(`${head}.${body}`));
  if (!right) throw new Error('the signature is wrong');
  const claims = read(body);
  if (claims.iss !== issuer || claims.aud !== audience) throw new Error('the token is of, or for, somebody else');
  if (typeof claims.exp !== 'number' || claims.exp + LEEWAY_SECONDS < now) throw new Error('the token has expired');
  if (typeof claims.sub !== 'string' || claims.sub === '') throw new Error('the token names nobody');
  return claims;
}

export function json(value) {
  return new TextEncoder().encode(JSON.stringify(value));
}

export function base64url(array) {
  return btoa(String.fromCharCode(...array)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function bytes(text) {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0));
}

function read(part) {
  return JSON.parse(new TextDecoder().decode(bytes(part)));
}
