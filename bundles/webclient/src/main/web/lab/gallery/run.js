// SPDX-License-Identifier: Apache-2.0
import { Context } from './context.js';

/** Where a scenario can find its broker; the first is where it does by default. */
export function ways(scenario) {
  return scenario.via ?? ['tab'];
}

/** The way that is asked for, if the scenario has it. */
export function way(scenario, asked) {
  return ways(scenario).includes(asked) ? asked : ways(scenario)[0];
}

/**
 * Runs the steps of a scenario, one after the other; a step that fails ends it.
 *
 * @param told (index, state, seen): 'running', then 'passed' or 'failed' with what was seen
 * @returns whether all passed
 */
export async function run(scenario, via, told = () => {}) {
  const context = new Context(way(scenario, via));
  try {
    for (const [index, step] of scenario.steps.entries()) {
      told(index, 'running', '');
      try {
        told(index, 'passed', String((await step.run(context)) ?? ''));
      } catch (error) {
        told(index, 'failed', String(error?.message ?? error));
        return false;
      }
    }
    return true;
  } finally {
    await context.close();
  }
}
