// SPDX-License-Identifier: Apache-2.0
// Draws the list of scenarios, or one of them (?scenario=will-message), and runs it (?via=tab, ?via=server).
import { byId, h, setText } from '../js/dom.js';
import { run, way, ways } from './run.js';
import { SCENARIOS } from './scenarios/index.js';

const parameters = new URLSearchParams(location.search);
const asked = parameters.get('via') === 'server' ? 'server' : 'tab';
const chosen = parameters.has('scenario') ? SCENARIOS.find(({ id }) => id === parameters.get('scenario')) : null;
/** Of each scenario of this page: {id, via, state, steps: [{title, state, seen}]}. */
const results = (chosen ? [chosen] : SCENARIOS).map(scenario => ({
  id: scenario.id,
  via: way(scenario, asked),
  state: 'none',
  steps: scenario.steps.map(({ title }) => ({ title, state: 'none', seen: '' })),
}));
let running = null;

const WORDS = { none: 'Not run', running: 'Running', passed: 'Passed', failed: 'Failed' };

function badge(element, state) {
  element.dataset.state = state;
  setText(element, WORDS[state]);
}

function address({ scenario, via = asked }) {
  const query = new URLSearchParams();
  if (scenario) query.set('scenario', scenario);
  if (via !== 'tab') query.set('via', via);
  return `./${query.size > 0 ? `?${query}` : ''}`;
}

// ---- running

/** Runs all that this page shows, one after the other. Resolves with the results. */
function runAll() {
  running ??= (async () => {
    byId('run-all').disabled = true;
    badge(byId('run-status'), 'running');
    for (const result of results) await runOne(result);
    badge(byId('run-status'), results.every(({ state }) => state === 'passed') ? 'passed' : 'failed');
    byId('run-all').disabled = false;
    running = null;
    return results;
  })();
  return running;
}

async function runOne(result) {
  const scenario = SCENARIOS.find(({ id }) => id === result.id);
  for (const step of result.steps) Object.assign(step, { state: 'none', seen: '' });
  result.state = 'running';
  draw(result);
  const passed = await run(scenario, result.via, (index, state, seen) => {
    Object.assign(result.steps[index], { state, seen });
    draw(result);
  });
  result.state = passed ? 'passed' : 'failed';
  draw(result);
}

// ---- drawing

function draw(result) {
  if (chosen) drawSteps(result);
  else {
    const card = byId(`scenario-${result.id}`);
    card.dataset.state = result.state;
    badge(card.querySelector('.badge'), result.state);
    const failed = result.steps.find(({ state }) => state === 'failed');
    setText(card.querySelector('.seen'), failed ? `${failed.title}: ${failed.seen}` : '');
  }
}

function drawSteps({ steps }) {
  byId('steps').replaceChildren(
    ...steps.map(({ title, state, seen }) => h('li', { 'data-state': state }, title, h('span', { class: 'seen' }, seen))),
  );
}

function drawOverview() {
  document.querySelector('main').className = 'overview';
  byId('scenarios').hidden = false;
  byId('scenarios').append(
    ...SCENARIOS.map((scenario, index) =>
      h(
        'li',
        { id: `scenario-${scenario.id}`, 'data-state': 'none' },
        h('a', { href: address({ scenario: scenario.id }) }, scenario.title),
        h('p', {}, scenario.text),
        h('span', { class: 'badge', 'data-state': 'none' }, WORDS.none),
        h('p', { class: 'where' }, results[index].via === 'tab' ? 'broker in this tab' : 'broker: this server'),
        h('p', { class: 'seen' }),
      ),
    ),
  );
}

async function drawScenario() {
  document.title = `${chosen.title} · Courtier gallery`;
  setText(byId('title'), ` · ${chosen.title}`);
  setText(byId('text'), chosen.text);
  setText(byId('run-all'), 'Run all steps');
  byId('overview-link').href = address({});
  byId('source').hidden = false;
  byId('source').href = `scenarios/${chosen.id}.js`;
  byId('steps').hidden = false;
  drawSteps(results[0]);
  if (results[0].via !== asked || ways(chosen).length === 1) {
    const only = ways(chosen)[0] === 'tab' ? 'It opens brokers of its own in this tab.' : 'It needs a server, and uses the one that this page came from.';
    setText(byId('via-note'), only);
    byId('via-note').hidden = false;
  }
  if (!chosen.live) return;
  byId('live').hidden = false;
  await chosen.live(byId('live'));
}

byId('via').value = asked;
byId('via').addEventListener('change', ({ target }) => location.assign(address({ scenario: chosen?.id, via: target.value })));
byId('run-all').addEventListener('click', runAll);

globalThis.courtier = {
  state: () => ({ via: asked, running: running !== null, scenarios: results }),
  run: runAll,
};

if (parameters.has('scenario') && !chosen) setText(byId('errors'), 'There is no such scenario.');
else {
  if (chosen) await drawScenario();
  else drawOverview();
  byId('run-all').disabled = false;
  document.body.dataset.ready = 'true';
}
