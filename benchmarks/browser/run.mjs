// SPDX-License-Identifier: Apache-2.0
// Measures what docs/browser-figures.md says, in a real Chromium: node run.mjs [codec|messages|start|sizes]...
// mqtt-packet and MQTT.js come from npm into target/others; nothing of them is kept or shipped.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { loadavg } from 'node:os';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { launch } from './chromium.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const OTHERS = join(HERE, 'target/others');
const WWW = join(HERE, '../../bundles/webclient/target/classes/www');
const ROOTS = { bench: join(HERE, 'src/main/web'), codec: join(HERE, 'target/codec'), others: OTHERS };
const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.wasm': 'application/wasm', '.css': 'text/css',
};
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src data:";

function bundleOthers() {
  if (existsSync(join(OTHERS, 'mqtt.js'))) return;
  mkdirSync(OTHERS, { recursive: true });
  writeFileSync(join(OTHERS, 'package.json'), '{"private": true}');
  const npm = ['install', '--no-audit', '--no-fund', 'mqtt@5.16.0', 'mqtt-packet@9.0.2', 'buffer', 'process', 'events', 'esbuild'];
  execFileSync('npm', npm, { cwd: OTHERS, stdio: 'inherit' });
  writeFileSync(join(OTHERS, 'globals.mjs'), "export { Buffer } from 'buffer';\nexport { default as process } from 'process/browser.js';\n");
  writeFileSync(
    join(OTHERS, 'entry.mjs'),
    "import packet from 'mqtt-packet';\nimport { Buffer } from 'buffer';\nexport const mqttPacket = { parser: packet.parser, generate: packet.generate, Buffer };\n",
  );
  execFileSync(
    join(OTHERS, 'node_modules/.bin/esbuild'),
    ['entry.mjs', '--bundle', '--minify', '--format=esm', '--platform=browser', '--inject:globals.mjs', '--define:global=globalThis',
      '--outfile=mqtt-packet.js'],
    { cwd: OTHERS, stdio: 'inherit' },
  );
  writeFileSync(join(OTHERS, 'mqtt.js'), readFileSync(join(OTHERS, 'node_modules/mqtt/dist/mqtt.esm.js')));
}

/** Where a path of ours is, or undefined. */
function fileOf(path) {
  const [, first] = path.split('/');
  const found = ROOTS[first] ? [join(ROOTS[first], path.slice(first.length + 1))] : [join(WWW, path), join(WWW, 'client', path)];
  return found.find(file => existsSync(file) && statSync(file).isFile());
}

const asked = new Set();
const server = createServer((request, response) => {
  let path = normalize(decodeURIComponent(new URL(request.url, 'http://here').pathname));
  if (path.endsWith('/')) path += 'index.html';
  const file = fileOf(path);
  if (!file) return response.writeHead(404).end();
  asked.add(path);
  response.writeHead(200, {
    'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream', 'Content-Security-Policy': POLICY,
    'Cache-Control': 'no-store',
    'Service-Worker-Allowed': '/',
    // Isolated, so that the page's clock has microseconds.
    'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp',
  });
  response.end(readFileSync(file));
});

const sorted = numbers => [...numbers].sort((a, b) => a - b);
const at = (numbers, part) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(part * numbers.length))];
const median = numbers => at(numbers, 0.5);
const load = () => loadavg().map(each => each.toFixed(1)).join(' ');
const line = (...cells) => console.log(`| ${cells.join(' | ')} |`);
const round = number => (number >= 1e6 ? `${(number / 1e6).toFixed(2)} M` : number >= 1e4 ? `${Math.round(number / 1e3)} k` : number.toFixed(number < 100 ? 2 : 0));

async function codec(chromium, base) {
  console.log(`\nCodec: round trips/s of a PUBLISH with 64 bytes, QoS 1; load ${load()}`);
  for (let run = 0; run < 3; run++) {
    const tab = await chromium.fresh(`${base}/bench/`);
    const passes = (await tab.call('/bench/codec.js', 'codec', { passes: 46, count: 5_000, payloadBytes: 64 })).slice(6);
    await tab.close();
    console.log(`run ${run + 1}, load ${load()}`);
    for (const name of Object.keys(passes[0])) {
      const ratios = passes.map(pass => pass[name] / pass['mqtt-packet']);
      line(name, round(median(passes.map(pass => pass[name]))), `${median(ratios).toFixed(2)}x (${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`);
    }
  }
}

async function measured(publisher, receiver, what) {
  for (const [qos, count, window] of [[0, 40_000, 1000], [1, 20_000, 500]]) {
    await receiver.call('/bench/messages.js', 'receive', { qos, every: 100 });
    const all = [];
    // The first is to warm up.
    for (let i = 0; i < 6; i++) all.push(await publisher.call('/bench/messages.js', 'publish', { qos, count, window }));
    all.shift();
    await receiver.call('/bench/messages.js', 'receiveNoMore');
    const waits = (await publisher.call('/bench/messages.js', 'latency', { qos, count: 600 })).slice(100);
    line(what, `QoS ${qos}`, `${round(median(all))} (${round(Math.min(...all))} to ${round(Math.max(...all))})`, `${at(waits, 0.5).toFixed(2)} ms`, `${at(waits, 0.95).toFixed(2)} ms`, load());
  }
}

async function messages(chromium, base) {
  console.log(`\nMessages of 64 bytes; publish to handler p50, p95; load`);
  for (const store of ['memory', 'indexeddb']) {
    for (const runtime of ['wasm', 'js']) {
      const channel = `figures-${store}-${runtime}`;
      const first = await chromium.open(`${base}/bench/`);
      const second = await chromium.open(`${base}/bench/`);
      const roles = [];
      for (const [tab, tabId] of [[first, 'first'], [second, 'second']]) {
        roles.push(await tab.call('/bench/messages.js', 'joinTabs', { tabId, runtime, store, channel }));
      }
      if (roles.join() !== 'broker,client') throw new Error(`roles are ${roles}`);
      await measured(second, first, `tab to the broker's tab, ${runtime}, ${store}`);
      await first.close();
      await second.close();
      const alone = await chromium.open(`${base}/bench/`);
      await alone.call('/bench/messages.js', 'bothHere', { runtime, store, name: `${channel}-port` });
      await measured(alone, alone, `MessagePort in one page, ${runtime}, ${store}`);
      await alone.close();
    }
  }
}

async function start(chromium, base) {
  console.log(`\nStart: fetch to first CONNACK, 15 fresh profiles each, in turn; load ${load()}`);
  const took = { wasm: [], js: [], 'MQTT.js, import only': [] };
  for (let run = 0; run < 15; run++) {
    for (const what of Object.keys(took)) {
      const tab = await chromium.fresh(`${base}/bench/`);
      took[what].push(what.startsWith('MQTT') ? await tab.call('/bench/start.js', 'importMqttJs') : await tab.call('/bench/start.js', 'start', what));
      await tab.close();
    }
  }
  for (const [what, all] of Object.entries(took)) line(what, `${median(all).toFixed(1)} ms`, `${Math.min(...all).toFixed(1)} to ${Math.max(...all).toFixed(1)}`);
  console.log(`load after: ${load()}`);
}

function packed(file) {
  const plain = readFileSync(file);
  return [plain.length, gzipSync(plain, { level: 9 }).length, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length];
}

const total = files => files.map(packed).reduce((sum, each) => sum.map((n, i) => n + each[i]), [0, 0, 0]);

async function sizes(chromium, base) {
  console.log('\nSizes: raw, gzip -9, brotli 11');
  const module = readdirSync(join(WWW, 'courtier')).filter(name => /\.(js|wasm)$/.test(name)).sort();
  for (const name of module) line(name, ...packed(join(WWW, 'courtier', name)));
  const glue = module.filter(name => !name.startsWith('core.'));
  line('all but core.*', ...total(glue.map(name => join(WWW, 'courtier', name))));
  line('all, wasm', ...total(module.filter(name => name !== 'core.js').map(name => join(WWW, 'courtier', name))));
  line('all, js', ...total(module.filter(name => name !== 'core.wasm').map(name => join(WWW, 'courtier', name))));
  for (const name of ['mqtt.js', 'mqtt-packet.js']) line(`npm: ${name}`, ...packed(join(OTHERS, name)));
  const pages = readdirSync(join(WWW, 'lab'), { recursive: true }).filter(name => name.endsWith('.html')).sort();
  for (const page of pages) {
    asked.clear();
    const tab = await chromium.fresh(`${base}/lab/${page}`);
    // A page's own files come first; then what connecting needs, and what a service worker keeps for later.
    for (const when of ['to see it', 'connected, and kept']) {
      await new Promise(done => setTimeout(done, 2_000));
      const files = [...asked];
      line(`lab/${page}, ${when}: ${files.length} files`, ...total(files.map(fileOf)));
      await tab.evaluate("document.querySelector('#connect-btn:enabled')?.click()");
    }
    await tab.close();
  }
}

const PARTS = { codec, messages, start, sizes };
const wanted = process.argv.slice(2);
bundleOthers();
await new Promise(done => server.listen(0, '127.0.0.1', done));
const base = `http://localhost:${server.address().port}`;
const chromium = launch();
try {
  console.log(`${await chromium.version()}, Node ${process.version}`);
  for (const [name, part] of Object.entries(PARTS)) if (wanted.length === 0 || wanted.includes(name)) await part(chromium, base);
} finally {
  await chromium.close();
  server.close();
}
