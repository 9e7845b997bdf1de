// SPDX-License-Identifier: Apache-2.0
/*
 * MQTT.js as Courtier serves it. connect() without an address goes to where the page came from, as it did until MQTT.js 4.1;
 * since then the page's port is lost. With an address it is MQTT.js's own, except that [::1] keeps its brackets.
 */
(() => {
  const library = mqtt;

  /** Where the page, or the page of this worker, came from. Not for files, which came from nowhere. */
  function here() {
    const origin = self.origin && self.origin !== 'null' ? self.origin : '';
    return /^https?:/.test(origin) ? new URL(origin) : undefined;
  }

  function withoutAddress(options) {
    return !options.host && !options.hostname && !options.servers && !options.url;
  }

  function toHere(options) {
    const page = here();
    if (!page) return options;
    const secure = /^(wss|mqtts|https)$/.test(options.protocol) || (!options.protocol && page.protocol === 'https:');
    const samePort = secure === (page.protocol === 'https:') ? page.port : '';
    return {
      ...options,
      protocol: secure ? 'wss' : 'ws',
      hostname: page.hostname,
      port: options.port || Number(samePort) || (secure ? 443 : 80),
      path: options.path || '/',
    };
  }

  /** MQTT.js takes the brackets off and forgets to put them back. */
  function bracketed(url, options) {
    const found = /^wss?:\/\/(?:[^/?#]*@)?(\[[0-9a-f:.]+\])/i.exec(url);
    const host = options.hostname || options.host || '';
    if (found && !host) return { ...options, hostname: found[1] };
    if (/^[0-9a-f.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(host)) return { ...options, hostname: `[${host}]` };
    return options;
  }

  function address(url, options) {
    if (url !== null && typeof url === 'object' && !options) return ['', url];
    return [url || '', options || {}];
  }

  /** @returns {[string, object]} what MQTT.js's own connect() is called with */
  function resolved(url, options) {
    const [to, given] = address(url, options);
    if (to) return [to, bracketed(to, given)];
    return withoutAddress(given) ? ['', toHere(given)] : [given.url || '', bracketed(given.url || '', given)];
  }

  const connect = (url, options) => library.connect(...resolved(url, options));
  const connectAsync = (url, options, retries) => library.connectAsync(...resolved(url, options), retries);
  const all = Object.assign({}, library, { connect, connectAsync });
  all.default = all;
  self.mqtt = all;
})();
