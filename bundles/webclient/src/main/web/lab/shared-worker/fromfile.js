// SPDX-License-Identifier: Apache-2.0
/* A page that was opened as a file gets no modules, so this says so without one. */
if (location.protocol === 'file:') {
  addEventListener('DOMContentLoaded', () => {
    document.body.dataset.state = 'failed';
    document.getElementById('errors').textContent =
      'Pages from files (file://) have no workers: open this page from a web server.';
  });
}
