// SPDX-License-Identifier: Apache-2.0
import { base64url, check, issue, json, newKeys } from '../tokens.js';

const ISSUER = 'the gallery';
const AUDIENCE = 'courtier-gallery';

function claims(more = {}) {
  return { iss: ISSUER, aud: AUDIENCE, sub: 'ann', exp: Math.floor(Date.now() / 1_000) + 300, roles: ['operator'], ...more };
}

/** Refused with a reason, or let in: a client that shows a token in CONNECT. */
async function show(c, name, token) {
  const client = await c.unconnected(name, { authenticationMethod: 'JWT', authenticationData: token });
  return client.connect().then(() => client, error => error);
}

export default {
  id: 'google-jwt-auth',
  title: 'In by a token',
  text: 'A JSON Web Token (ES256) in an AUTH exchange of MQTT 5, checked by the page. The page plays the issuer, too: no Google is asked. The server has the same with key sets at a URL.',
  steps: [
    {
      title: 'An issuer with a key, and a broker that knows its public half',
      async run(c) {
        c.keys = await newKeys();
        c.here = await c.broker({
          anonymous: false,
          access: 'allow all # role operator\nallow subscribe # role viewer\nallow receive # role viewer',
          authenticationMethods: {
            JWT: () => async data => {
              try {
                const { sub, roles } = await check(new TextDecoder().decode(data), c.keys.publicKey, { issuer: ISSUER, audience: AUDIENCE });
                return { userName: sub, roles };
              } catch (error) {
                return { reason: 0x87, why: error.message };
              }
            },
            // Proves that it has a key, without showing anything that somebody else could show again.
            'PROOF-ES256': () => {
              const nonce = crypto.getRandomValues(new Uint8Array(32));
              let asked = false;
              return async data => {
                if (!asked) {
                  asked = true;
                  return { next: nonce };
                }
                const right = await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, c.keys.publicKey, data, nonce);
                return right ? { userName: 'prover', roles: ['viewer'] } : { reason: 0x87, why: 'the proof is wrong' };
              };
            },
          },
        });
        c.refused = [];
        c.here.on('refused', ({ why }) => c.refused.push(why));
        return 'methods JWT and PROOF-ES256';
      },
    },
    {
      title: 'A good token lets in, with the name and the roles in it',
      async run(c) {
        c.ann = await show(c, 'ann', await issue(c.keys.privateKey, claims()));
        c.equal('state', c.ann.state, 'connected');
        c.equal('user', c.here.clients().map(({ userName }) => userName), ['ann']);
        const { reasonCode } = await c.ann.publish('pumps/1', 'on', { qos: 1 });
        c.ensure('it may publish', reasonCode < 0x80);
        return 'ann, operator';
      },
    },
    {
      title: 'What is expired, forged, for somebody else or not signed is refused',
      async run(c) {
        const others = await newKeys();
        const unsigned = `${base64url(json({ alg: 'none' }))}.${base64url(json(claims()))}.x`;
        const tokens = {
          expired: await issue(c.keys.privateKey, claims({ exp: Math.floor(Date.now() / 1_000) - 60 })),
          forged: await issue(others.privateKey, claims({ sub: 'admin' })),
          elsewhere: await issue(c.keys.privateKey, claims({ aud: 'another broker' })),
          unsigned,
          nonsense: 'hello',
        };
        for (const [name, token] of Object.entries(tokens)) c.equal(name, (await show(c, name, token)).reasonCode, 0x87);
        c.equal('refused', c.refused.length, 5);
        return c.refused.join('\n');
      },
    },
    {
      title: 'Roles of the token count',
      async run(c) {
        const viewer = await show(c, 'ben', await issue(c.keys.privateKey, claims({ sub: 'ben', roles: ['viewer'] })));
        const error = await c.fails('a viewer publishes', () => viewer.publish('pumps/1', 'off', { qos: 1 }));
        c.equal('reason', error.reasonCode, 0x87);
        return 'ben, viewer, may not publish';
      },
    },
    {
      title: 'Before it expires, a newer one is shown (re-authentication)',
      async run(c) {
        await c.ann.reauthenticate(await issue(c.keys.privateKey, claims({ exp: Math.floor(Date.now() / 1_000) + 3_600 })));
        c.equal('connections', [c.ann.state, c.ann.wire.opened], ['connected', 1]);
        return 'the same connection goes on';
      },
    },
    {
      title: 'An exchange with a question: who has the key signs a number that is used once',
      async run(c) {
        const sign = key => async ({ data }) => new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, data));
        const method = { authenticationMethod: 'PROOF-ES256' };
        const prover = await c.client('prover', { ...method, authenticate: sign(c.keys.privateKey) });
        const liar = await c.unconnected('liar', { ...method, authenticate: sign((await newKeys()).privateKey) });
        c.equal('prover', prover.state, 'connected');
        c.equal('liar', (await c.fails('the liar', () => liar.connect())).reasonCode, 0x87);
        return 'the prover is in, the liar is not';
      },
    },
    {
      title: 'Without a token, or by a method that nobody speaks, nobody comes in',
      async run(c) {
        const nobody = await c.unconnected('nobody');
        const stranger = await c.unconnected('stranger', { authenticationMethod: 'KERBEROS' });
        const reasons = [];
        for (const client of [nobody, stranger]) reasons.push((await c.fails('it connects', () => client.connect())).reasonCode);
        c.equal('reasons', reasons, [0x87, 0x8c]);
        return 'Not authorized; Bad authentication method';
      },
    },
  ],
};
