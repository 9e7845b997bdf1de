// SPDX-License-Identifier: Apache-2.0
import { newId } from '../../js/tab.js';

/** Asks, and gives the promise of the answer: answers are told apart by their correlation data. */
function caller(c, client, replies) {
  const waiting = new Map();
  const ready = client.subscribe(replies, { qos: 1 }, message => {
    const id = new TextDecoder().decode(message.properties.correlationData);
    waiting.get(id)?.(message.json());
    waiting.delete(id);
  });
  return async (method, ...values) => {
    await ready;
    const id = newId();
    const answer = new Promise(done => waiting.set(id, done));
    await client.publish(c.topic(`calc/${method}`), JSON.stringify(values), { qos: 1, responseTopic: replies, correlationData: id });
    return answer;
  };
}

export default {
  id: 'request-response',
  title: 'Questions and answers',
  text: 'A request says where its answer shall go (Response Topic), and by what it is known (Correlation Data).',
  via: ['tab', 'server'],
  steps: [
    {
      title: 'A calculator listens',
      async run(c) {
        const calculator = await c.client('calculator');
        await calculator.subscribe(c.topic('calc/+'), { qos: 1 }, async message => {
          const { responseTopic, correlationData } = message.properties;
          const [a, b] = message.json();
          const value = { add: a + b, multiply: a * b }[message.topic.split('/').at(-1)];
          // The larger answer takes longer: answers come in another order than questions.
          if (value > 50) await c.pause(50);
          await calculator.publish(responseTopic, JSON.stringify(value), { qos: 1, correlationData });
        });
        return 'calc/add, calc/multiply';
      },
    },
    {
      title: 'A question is answered',
      async run(c) {
        c.ask = caller(c, await c.client('asker'), c.topic('answers/asker'));
        c.equal('2 + 3', await c.ask('add', 2, 3), 5);
        return '2 + 3 = 5';
      },
    },
    {
      title: 'Several at once: each gets its own answer',
      async run(c) {
        const answers = await Promise.all([c.ask('multiply', 10, 10), c.ask('add', 1, 1), c.ask('multiply', 6, 7)]);
        c.equal('answers', answers, [100, 2, 42]);
        return answers.join(', ');
      },
    },
    {
      title: 'Two who ask do not hear the answers of each other',
      async run(c) {
        const other = caller(c, await c.client('other'), c.topic('answers/other'));
        c.equal('answers', await Promise.all([c.ask('add', 20, 1), other('add', 30, 1)]), [21, 31]);
        return '21 here, 31 there';
      },
    },
  ],
};
