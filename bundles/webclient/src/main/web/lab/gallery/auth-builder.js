// SPDX-License-Identifier: Apache-2.0
// Makes users and access rules, and gives them as files. Passwords stay in the page, and not for long.
import { CourtierBroker, Users } from '../../courtier/courtier.js';
import { h, setText } from '../js/dom.js';

const RULES = '# the first rule that matches decides; without one it is denied\nallow publish   plant/# role operator\nallow subscribe plant/#\nallow receive   plant/#\n';

export async function show(section) {
  const users = new Users();
  // It judges the rules as any broker does.
  const judge = await CourtierBroker.open({ name: 'gallery-judge', store: 'memory' });

  const name = h('input', { id: 'auth-name', autocomplete: 'off', required: true });
  const password = h('input', { id: 'auth-password', type: 'password', autocomplete: 'new-password', required: true });
  const role = h('input', { id: 'auth-role', autocomplete: 'off', placeholder: 'none' });
  const list = h('ul', { id: 'auth-users', class: 'plain' });
  const rules = h('textarea', { id: 'auth-rules' });
  rules.value = RULES;
  const said = h('p', { id: 'auth-said', role: 'status' });

  function draw() {
    list.replaceChildren(
      ...users.listUsers().map(each =>
        h(
          'li',
          {},
          h('span', { class: 'grow' }, `${each} ${users.rolesOf(each).map(its => `(${its})`).join(' ')}`),
          h('button', { type: 'button', click: () => (users.removeUser(each), draw()) }, 'Remove'),
        ),
      ),
    );
  }

  /** Tells what came of it, also when it failed. */
  async function attempt(task) {
    try {
      setText(said, (await task()) ?? '');
    } catch (error) {
      setText(said, error.message);
    }
  }

  async function set() {
    await users.addUser(name.value, password.value);
    password.value = '';
    if (role.value) {
      users.addRole(role.value);
      users.assignRole(name.value, role.value);
    }
    draw();
    return `${name.value} is set.`;
  }

  async function check() {
    await judge.setAccess(rules.value);
    return 'The rules are well formed.';
  }

  const form = h(
    'form',
    { id: 'auth-form', submit: event => (event.preventDefault(), attempt(set)) },
    h('div', { class: 'row' }, field('User name', name), field('Password', password), field('Role', role), h('button', { type: 'submit' }, 'Set user')),
  );
  const buttons = h(
    'div',
    { class: 'row' },
    h('button', { id: 'auth-save-users', type: 'button', click: () => save('users.json', JSON.stringify(users.export(), null, 2)) }, 'Save users.json'),
    h('button', { id: 'auth-check', type: 'button', click: () => attempt(check) }, 'Check the rules'),
    h('button', { id: 'auth-save-rules', type: 'button', click: () => attempt(async () => (await check(), save('courtier-acl', rules.value))) }, 'Save courtier-acl'),
  );
  section.append(
    h('div', { class: 'board' }, h('h2', {}, 'Make files of your own'), form, list, field('Access rules, for a tab or the server', rules), buttons, said),
    h('p', { class: 'soft' }, 'users.json is for Users.import() in pages. The server keeps its users as other hashes: ./courtier passwd writes those.'),
  );
  section.dataset.state = 'ready';
}

function field(label, input) {
  return h('label', { class: 'grow' }, label, input);
}

function save(file, text) {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  h('a', { href: address, download: file }).click();
  // The browser reads it in a task of its own.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
