// SPDX-License-Identifier: Apache-2.0
/** The standard's rules for Topic Names and Topic Filters (MQTT 5.0, 4.7 and 4.8.2). Pure: no page, no texts. */

const BYTES_MAX = 65535;
const SHARE = '$share/';
const utf8 = new TextEncoder();
const LONE_SURROGATE = /\p{Surrogate}/u;
const NUL = '\0';

/** What is wrong with any MQTT string, or null. The answer is a key of texts.js. */
export function stringFault(string) {
  if (string.includes(NUL)) return 'rule.nul';
  if (LONE_SURROGATE.test(string)) return 'rule.utf8';
  // A UTF-16 unit is three bytes at most: the short need no counting.
  if (string.length * 3 > BYTES_MAX && utf8.encode(string).length > BYTES_MAX) return 'rule.long';
  return null;
}

/** What is wrong with the Topic Name of a message, or null. */
export function nameFault(name) {
  if (name === '') return 'rule.name.empty';
  if (/[+#]/.test(name)) return 'rule.name.wildcard';
  return stringFault(name);
}

/** What is wrong with a Topic Filter, or null. */
export function filterFault(filter) {
  if (filter === '') return 'rule.filter.empty';
  const fault = stringFault(filter);
  if (fault) return fault;
  if (filter.startsWith(SHARE) || filter === '$share') {
    const [, group, ...rest] = filter.split('/');
    if (!group) return 'rule.share.group';
    if (/[+#]/.test(group)) return 'rule.share.wildcard';
    if (rest.join('/') === '') return 'rule.share.filter';
    return levelsFault(rest);
  }
  return levelsFault(filter.split('/'));
}

function levelsFault(levels) {
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i];
    if (level.includes('#') && level !== '#') return 'rule.hash.alone';
    if (level === '#' && i < levels.length - 1) return 'rule.hash.last';
    if (level.includes('+') && level !== '+') return 'rule.plus.alone';
  }
  return null;
}

export function isShared(filter) {
  return filter.startsWith(SHARE);
}

/** The filters of a field: split at commas, blanks around them dropped. A comma that belongs to a filter is written \\, */
export function splitFilters(field) {
  return field
    .split(/(?<!\\),/)
    .map((part) => part.trim().replaceAll('\\,', ','))
    .filter((part, _, all) => part !== '' || all.length === 1);
}

/** Whether a message to this name reaches this filter. */
export function matches(filter, name) {
  const levels = filter.split('/');
  const wanted = isShared(filter) ? levels.slice(2) : levels;
  // Wildcards at the beginning do not match $SYS and its like [MQTT-4.7.2-1].
  if (name.startsWith('$') && /^[+#]/.test(wanted[0])) return false;
  const given = name.split('/');
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === '#') return true;
    if (i >= given.length) return false;
    if (wanted[i] !== '+' && wanted[i] !== given[i]) return false;
  }
  return wanted.length === given.length;
}
