// SPDX-License-Identifier: Apache-2.0
// A Chromium of its own, spoken to over a pipe.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';

export function launch() {
  const profile = mkdtempSync(join(tmpdir(), 'courtier-figures-'));
  const browser = spawn(
    PROGRAM,
    ['--headless=new', '--no-sandbox', '--no-first-run', '--remote-debugging-pipe', `--user-data-dir=${profile}`,
      '--disable-background-timer-throttling', '--disable-backgrounding-occluded-windows', '--disable-renderer-backgrounding'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const [, , , to, from] = browser.stdio;
  const waiting = new Map();
  let last = 0;
  let unread = '';
  from.setEncoding('utf8');
  from.on('data', text => {
    const messages = (unread + text).split('\0');
    unread = messages.pop();
    for (const { id, result, error } of messages.map(JSON.parse)) {
      if (error) waiting.get(id)?.[1](new Error(error.message));
      else waiting.get(id)?.[0](result);
      waiting.delete(id);
    }
  });

  const send = (method, params = {}, sessionId = undefined) =>
    new Promise((ok, bad) => {
      waiting.set(++last, [ok, bad]);
      to.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
    });

  /** A tab in a profile, the browser's own one unless it is named. */
  async function open(url, browserContextId) {
    const { targetId } = await send('Target.createTarget', { url, browserContextId });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    const evaluate = async expression => {
      const { result, exceptionDetails } = await send(
        'Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true }, sessionId);
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    };
    while ((await evaluate('document.readyState + location.protocol').catch(() => '')) !== 'completehttp:') {
      await new Promise(done => setTimeout(done, 20));
    }
    return {
      evaluate,
      /** Calls what a module exports. */
      call: (module, name, options) => evaluate(`import('${module}').then(m => m.${name}(${JSON.stringify(options)}))`),
      close: () => send('Target.closeTarget', { targetId }),
    };
  }

  /** A tab in a profile that nobody used, which goes with it. */
  async function fresh(url) {
    const { browserContextId } = await send('Target.createBrowserContext');
    const tab = await open(url, browserContextId);
    return { ...tab, close: () => send('Target.disposeBrowserContext', { browserContextId }) };
  }

  async function close() {
    const ended = new Promise(done => browser.once('exit', done));
    send('Browser.close').catch(() => {});
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  return { open, fresh, close, version: async () => (await send('Browser.getVersion')).product };
}
