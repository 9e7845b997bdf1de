// SPDX-License-Identifier: Apache-2.0
// A tab: the group as it is served, over the time and the channels of the world around it.
const { tab } = globalThis.frameElement;

globalThis.setTimeout = (task, millis = 0) => tab.timer(task, millis, false);
globalThis.setInterval = (task, millis = 0) => tab.timer(task, millis, true);
globalThis.clearTimeout = globalThis.clearInterval = number => tab.clear(number);
performance.now = () => tab.world.now;
Date.now = () => 1_700_000_000_000 + tab.world.now;
globalThis.BroadcastChannel = class {
  onmessage = null;

  constructor(name) {
    this.name = name;
    tab.channels.add(this);
  }

  postMessage(data) {
    tab.world.post(this, structuredClone(data));
  }

  close() {
    tab.channels.delete(this);
  }
};

const { TabGroup } = await import('/courtier/group.js');
tab.loaded(TabGroup);
