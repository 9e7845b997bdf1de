// SPDX-License-Identifier: Apache-2.0
// The board of this tab, with all other tabs that show it.
import { CourtierClient, TabGroup } from '../../courtier/courtier.js';
import { h, setText } from '../js/dom.js';
import { tabId } from '../js/tab.js';
import { Board } from './board.js';

export async function show(section) {
  const name = await tabId('courtier-lab:gallery-tab');
  const canvas = h('canvas', { id: 'board', 'aria-label': 'A canvas that all tabs share' });
  const role = h('span', { id: 'board-role', class: 'badge', role: 'status' });
  const lines = h('ul', { id: 'board-chat', class: 'plain' });
  const text = h('input', { id: 'board-text', maxlength: '200', 'aria-label': 'Say something' });
  const form = h('form', { id: 'board-form', class: 'row' }, text, h('button', { type: 'submit' }, 'Say'));
  section.append(h('div', { class: 'board' }, h('h2', {}, 'The canvas of all tabs ', role), canvas, form, lines));

  let group = null;
  let client = null;
  let board = null;
  const join = async () => {
    group = new TabGroup('courtier-gallery', { tabId: name, clientId: name, broker: { store: 'memory' } });
    group.on('role', now => setText(role, now));
    await group.join();
    setText(role, group.role);
    client = new CourtierClient({ transport: group.transport(), clientId: name, reconnect: { initialDelay: 20, maxDelay: 1_000 } });
    await client.connect();
    board = new Board(canvas, client, name, () => {
      section.dataset.strokes = board.strokes;
      lines.replaceChildren(...board.chat.slice(-8).map(line => h('li', {}, line)));
    });
    await board.join();
    section.dataset.state = 'connected';
  };

  let points = null;
  canvas.addEventListener('pointerdown', event => {
    canvas.setPointerCapture(event.pointerId);
    points = [board.at(event)];
  });
  canvas.addEventListener('pointermove', event => points?.push(board.at(event)));
  canvas.addEventListener('pointerup', event => {
    points.push(board.at(event));
    board.stroke(points).catch(reportError);
    points = null;
  });
  form.addEventListener('submit', event => {
    event.preventDefault();
    if (text.value !== '') board.say(text.value).catch(reportError);
    text.value = '';
  });
  // A page that waits in the cache for "back" must not be the broker.
  addEventListener('pagehide', () => {
    client?.end();
    group?.leave();
  });
  addEventListener('pageshow', ({ persisted }) => persisted && join());
  await join();
}
