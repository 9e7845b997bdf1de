// SPDX-License-Identifier: Apache-2.0
/** Light, dark, or as the system. */

import { byId } from './dom.js';
import { text } from './texts.js';

const STORED = 'courtier.theme';
const THEMES = ['auto', 'light', 'dark'];

export function setUpTheme() {
  let theme = THEMES[0];
  try {
    theme = localStorage.getItem(STORED) ?? theme;
  } catch {
    // Storage is blocked: as the system, then.
  }
  if (!THEMES.includes(theme)) theme = THEMES[0];
  const button = byId('theme-btn');
  const show = () => {
    document.documentElement.dataset.theme = theme;
    button.title = text(`theme.${theme}`);
    button.setAttribute('aria-label', button.title);
  };
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    show();
    try {
      localStorage.setItem(STORED, theme);
    } catch {
      // For this time only.
    }
  });
  show();
}
