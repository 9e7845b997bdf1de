// SPDX-License-Identifier: Apache-2.0
// Who may come into a tab's broker: users with passwords and roles, and what the page itself decides. Fails closed.

export const BAD_USER_NAME_OR_PASSWORD = 0x86;
export const NOT_AUTHORIZED = 0x87;
export const SERVER_UNAVAILABLE = 0x88;
export const SERVER_BUSY = 0x89;
/** Where bridges of this very page connect: they are let in, with the role bridge. */
export const BRIDGE_LISTENER = 'bridge';
const CONTINUE_AUTHENTICATION = 0x18;

export const ITERATIONS = 600_000;
const ITERATIONS_MAX = 10_000_000;
const USERS_MAX = 10_000;
const ROLES_MAX = 1_000;
/** Passwords that are checked at the same time; who comes beyond is told that we are busy. */
const CHECKS_MAX = 64;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const HASH = /^pbkdf2-sha256\$([1-9][0-9]{0,7})\$([A-Za-z0-9+/]{22}==)\$([A-Za-z0-9+/]{43}=)$/;

/** Users, what is known of their passwords, and the roles that access rules ask for. */
export class Users {
  #iterations;
  #changed;
  #users = new Map();
  #roles = new Set();
  #checks = 0;

  constructor({ iterations = ITERATIONS, changed = () => {} } = {}) {
    if (!Number.isInteger(iterations) || iterations < 1 || iterations > ITERATIONS_MAX)
      throw new RangeError(`iterations are 1 to ${ITERATIONS_MAX}`);
    this.#iterations = iterations;
    this.#changed = changed;
  }

  /** What may be stored of a password. Rejects where the browser has no crypto.subtle. */
  static async hashPassword(password, { iterations = ITERATIONS } = {}) {
    if (typeof password !== 'string' || password === '') throw new TypeError('a password is a text that is not empty');
    const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
    const hash = await derive(new TextEncoder().encode(password), salt, iterations);
    return `pbkdf2-sha256$${iterations}$${base64(salt)}$${base64(hash)}`;
  }

  /** Adds a user, or gives one that is there another password; roles stay. */
  async addUser(name, password) {
    this.#mayAdd(name);
    this.addUserWithHash(name, await Users.hashPassword(password, { iterations: this.#iterations }));
  }

  addUserWithHash(name, hash) {
    this.#mayAdd(name);
    const secret = parse(hash);
    this.#users.set(name, { secret, roles: this.#users.get(name)?.roles ?? new Set() });
    this.#changed();
  }

  #mayAdd(name) {
    if (typeof name !== 'string' || name === '') throw new TypeError('a user has a name');
    if (!this.#users.has(name) && this.#users.size >= USERS_MAX) throw new RangeError(`there are ${USERS_MAX} users, which is the most`);
  }

  /** Who is connected stays so. False: there was none. */
  removeUser(name) {
    const there = this.#users.delete(name);
    if (there) this.#changed();
    return there;
  }

  hasUser(name) {
    return this.#users.has(name);
  }

  get userCount() {
    return this.#users.size;
  }

  listUsers() {
    return [...this.#users.keys()];
  }

  addRole(role) {
    if (typeof role !== 'string' || role === '' || role !== role.trim() || /[,"\n\r]/.test(role))
      throw new TypeError('a role is a name without commas, quotes, line ends, and blanks around it');
    if (!this.#roles.has(role) && this.#roles.size >= ROLES_MAX) throw new RangeError(`there are ${ROLES_MAX} roles, which is the most`);
    this.#roles.add(role);
    this.#changed();
  }

  /** From all who have it, too. False: there was none. */
  removeRole(role) {
    const there = this.#roles.delete(role);
    for (const { roles } of this.#users.values()) roles.delete(role);
    if (there) this.#changed();
    return there;
  }

  hasRole(role) {
    return this.#roles.has(role);
  }

  get roleCount() {
    return this.#roles.size;
  }

  listRoles() {
    return [...this.#roles];
  }

  /** Counts from the user's next CONNECT on. */
  assignRole(name, role) {
    if (!this.#roles.has(role)) throw new Error(`there is no role ${role}`);
    this.#user(name).roles.add(role);
    this.#changed();
  }

  unassignRole(name, role) {
    const had = this.#user(name).roles.delete(role);
    if (had) this.#changed();
    return had;
  }

  clearRoles(name) {
    this.#user(name).roles.clear();
    this.#changed();
  }

  rolesOf(name) {
    return [...this.#user(name).roles];
  }

  #user(name) {
    const user = this.#users.get(name);
    if (!user) throw new Error(`there is no user ${name}`);
    return user;
  }

  /**
   * Gives {reason, why, roles}; reason 0: the password is this user's. Never rejects. A name that nobody has costs the same
   * work, and gives the same reason, as a password that is wrong.
   */
  async authenticate(name, password) {
    if (!subtle()) return refused(SERVER_UNAVAILABLE, WITHOUT_SUBTLE);
    if (this.#checks >= CHECKS_MAX) return refused(SERVER_BUSY, 'too many passwords are being checked');
    this.#checks++;
    try {
      const user = this.#users.get(name);
      const secret = user?.secret ?? this.#nobodys();
      const hash = await derive(password ?? new Uint8Array(), secret.salt, secret.iterations);
      const right = isSame(hash, secret.hash);
      // A user who was removed meanwhile, or has another password by now, is not let in.
      const known = user !== undefined && this.#users.get(name)?.secret === secret;
      if (!(known && right && password?.length > 0)) return refused(BAD_USER_NAME_OR_PASSWORD, 'wrong user name or password');
      return { reason: 0, why: '', roles: [...user.roles] };
    } catch (error) {
      return refused(SERVER_UNAVAILABLE, `the password could not be checked: ${error}`);
    } finally {
      this.#checks--;
    }
  }

  /** As dear as the dearest that there is. */
  #nobodys() {
    let iterations = 0;
    for (const { secret } of this.#users.values()) iterations = Math.max(iterations, secret.iterations);
    return { iterations: iterations || this.#iterations, salt: new Uint8Array(SALT_BYTES), hash: new Uint8Array(HASH_BYTES) };
  }

  /** For storing it: hashes, no passwords. */
  export() {
    const users = [...this.#users].map(([name, { secret, roles }]) => ({ name, hash: secret.text, roles: [...roles] }));
    return { version: 1, roles: [...this.#roles], users };
  }

  /** What was exported takes the place of all that is there. Throws, and changes nothing, where it is none. */
  import(exported) {
    if (exported?.version !== 1 || !Array.isArray(exported.users) || !Array.isArray(exported.roles))
      throw new TypeError('this was not exported by Users');
    const read = new Users({ iterations: this.#iterations });
    for (const role of exported.roles) read.addRole(role);
    for (const { name, hash, roles } of exported.users) {
      if (read.hasUser(name)) throw new TypeError(`user ${name} is there a second time`);
      read.addUserWithHash(name, hash);
      for (const role of roles ?? []) read.assignRole(name, role);
    }
    this.#users = read.#users;
    this.#roles = read.#roles;
    this.#changed();
  }
}

/**
 * What asks users, or the page where it has a function for it, when the core asks who somebody is. Any answer that is not
 * clearly a yes is a no.
 *
 * @param users Users
 * @param anonymous a function: whether those are let in who present nothing
 * @param authenticate the page's own, which is asked first: gives true, false, {reason, why, roles, serverReference}, or
 *     undefined where it leaves it to users; or a promise of that
 */
export function authenticator({ users, anonymous = () => users.userCount === 0, authenticate }) {
  return (client, userName, password, listener, answer) => {
    const who = { client, userName: userName ?? null, password: password ?? null, listener };
    decide(who)
      .catch(error => refused(SERVER_UNAVAILABLE, `the page failed: ${error}`))
      .then(({ reason, why, roles, serverReference = null }) => answer(reason, why, roles.join(','), serverReference));
  };

  async function decide(who) {
    if (who.listener === BRIDGE_LISTENER) return { reason: 0, why: '', roles: ['bridge'] };
    const said = await authenticate?.(who);
    if (said !== undefined) return verdict(said);
    if (who.userName !== null) return users.authenticate(who.userName, who.password);
    if (who.password !== null) return refused(BAD_USER_NAME_OR_PASSWORD, 'a password of nobody');
    return anonymous() === true ? { reason: 0, why: '', roles: [] } : refused(NOT_AUTHORIZED, 'it presents nothing');
  }
}

/**
 * The same for enhanced authentication.
 *
 * @param methods for each Authentication Method a function of {client, listener} that begins an exchange: a function of the
 *     data (a Uint8Array, or null), that gives {next: data}, {userName, roles, data} to let it in, or {reason, why}; or a
 *     promise of that
 */
export function enhancedAuthenticator(methods = {}) {
  return (method, client, listener) => {
    if (!Object.hasOwn(methods, method)) return null;
    const step = methods[method]({ client, listener });
    return (data, answer) => {
      Promise.resolve()
        .then(() => step(data ?? null))
        .catch(error => refused(SERVER_UNAVAILABLE, `the page failed: ${error}`))
        .then(said => {
          if (said?.next instanceof Uint8Array) answer(CONTINUE_AUTHENTICATION, said.next, null, '', '');
          else if (typeof said?.userName === 'string' && !('reason' in said))
            answer(0, said.data ?? null, said.userName, texts(said.roles).join(','), '');
          else answer(refusal(said?.reason), null, null, '', String(said?.why ?? 'the page says no'));
        });
    };
  };
}

function verdict(said) {
  if (said === true) return { reason: 0, why: '', roles: [] };
  if (said?.reason === 0) return { reason: 0, why: '', roles: texts(said.roles) };
  const no = refused(refusal(said?.reason), String(said?.why ?? 'the page says no'));
  return typeof said?.serverReference === 'string' ? { ...no, serverReference: said.serverReference } : no;
}

function refusal(reason) {
  return Number.isInteger(reason) && reason >= 0x80 && reason <= 0xff ? reason : NOT_AUTHORIZED;
}

function refused(reason, why) {
  return { reason, why, roles: [] };
}

function texts(roles) {
  return Array.isArray(roles) ? roles.filter(role => typeof role === 'string' && !role.includes(',')) : [];
}

const WITHOUT_SUBTLE = 'this page cannot check passwords: browsers have crypto.subtle on https and localhost only';

function subtle() {
  return globalThis.crypto?.subtle;
}

async function derive(password, salt, iterations) {
  if (!subtle()) throw new Error(WITHOUT_SUBTLE);
  const key = await subtle().importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
  return new Uint8Array(await subtle().deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, key, HASH_BYTES * 8));
}

/** Looks at every byte, wherever the first one differs. */
function isSame(one, other) {
  let difference = one.length ^ other.length;
  for (let i = 0; i < HASH_BYTES; i++) difference |= one[i] ^ other[i];
  return difference === 0;
}

function parse(text) {
  const [, iterations, salt, hash] = HASH.exec(text) ?? [];
  if (!iterations || Number(iterations) > ITERATIONS_MAX)
    throw new TypeError('a hash is pbkdf2-sha256$iterations$salt$hash, as Users.hashPassword gives it');
  return { text, iterations: Number(iterations), salt: bytes(salt), hash: bytes(hash) };
}

function base64(array) {
  return btoa(String.fromCharCode(...array));
}

function bytes(text) {
  return Uint8Array.from(atob(text), c => c.charCodeAt(0));
}
