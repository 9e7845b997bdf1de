// SPDX-License-Identifier: Apache-2.0
const JOBS = 12;

export default {
  id: 'shared-subscription',
  title: 'Work for a group',
  text: 'Three workers share one subscription: each job goes to one of them, and who leaves is replaced.',
  via: ['tab', 'server'],
  steps: [
    {
      title: 'Three workers subscribe to $share/workers/jobs/#',
      async run(c) {
        c.done = [];
        c.workers = [];
        for (const name of ['one', 'two', 'three']) {
          const worker = await c.client(`worker-${name}`);
          await worker.subscribe(`$share/workers/${c.topic('jobs/#')}`, { qos: 1 }, message => {
            c.done.push({ name, job: message.text() });
          });
          c.workers.push(worker);
        }
        return `${c.workers.length} workers`;
      },
    },
    {
      title: `${JOBS} jobs: each is done once, and all have something to do`,
      async run(c) {
        c.boss = await c.client('boss');
        for (let n = 0; n < JOBS; n++) await c.boss.publish(c.topic(`jobs/${n}`), `job ${n}`, { qos: 1 });
        await c.until('all jobs are done', () => c.done.length >= JOBS);
        c.equal('different jobs', new Set(c.done.map(({ job }) => job)).size, JOBS);
        const shares = ['one', 'two', 'three'].map(name => c.done.filter(each => each.name === name).length);
        c.ensure('each has some', Math.min(...shares) > 0);
        return `shares: ${shares.join(', ')}`;
      },
    },
    {
      title: 'A worker leaves: the others do its part',
      async run(c) {
        await c.workers[1].disconnect();
        c.done = [];
        for (let n = 0; n < JOBS; n++) await c.boss.publish(c.topic(`jobs/${n}`), `job ${n}`, { qos: 1 });
        await c.until('all jobs are done', () => c.done.length >= JOBS);
        c.equal('done by two', c.done.filter(({ name }) => name === 'two').length, 0);
        c.equal('different jobs', new Set(c.done.map(({ job }) => job)).size, JOBS);
        return `${c.done.length} jobs, none by the one who left`;
      },
    },
    {
      title: 'Another group gets all of them, too',
      async run(c) {
        const auditor = await c.client('auditor');
        const audited = [];
        await auditor.subscribe(`$share/auditors/${c.topic('jobs/#')}`, { qos: 1 }, message => audited.push(message.text()));
        c.done = [];
        for (let n = 0; n < 4; n++) await c.boss.publish(c.topic(`jobs/${n}`), `job ${n}`, { qos: 1 });
        await c.until('both groups have all', () => c.done.length >= 4 && audited.length >= 4);
        c.equal('audited', audited, ['job 0', 'job 1', 'job 2', 'job 3']);
        return 'workers 4, auditors 4';
      },
    },
  ],
};
