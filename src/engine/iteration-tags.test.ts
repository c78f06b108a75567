import { expect, test } from 'vitest';
import type { TaskContext } from '../model/context.ts';
import type { UserDefinition } from '../model/suite.ts';
import { runScenario } from './scenario.cases.ts';

/** Waits within nested groups, every other time for ever. */
const inGroups = ({ group, sleep, iteration }: TaskContext): Promise<unknown> =>
  group('outer', () => group('inner', () => sleep(iteration % 2 === 0 ? 5 : 60_000)));

const users: Record<string, UserDefinition> = {
  drawing: { tasks: { look: { run: inGroups } } },
  flowing: { flow: { first: { run: inGroups }, second: { run: inGroups } } },
};

test.each([
  ['drawing', { scenario: 'default', user: 'drawing', task: 'look' }],
  ['flowing', { scenario: 'default', user: 'flowing' }],
])(
  'an iteration of a %s user has the same tags whether it ends or is given up in a group',
  async (name, tags) => {
    const { iterationTags, completed } = await runScenario(
      { [name]: users[name]! },
      { executor: 'per-vu-iterations', vus: 2, iterations: 4, maxDuration: '10s', iterationTimeout: '60ms' },
    );
    expect(completed).toBe(8);
    // One count and one duration of each, and one failure of each that was given up.
    expect(iterationTags.length).toBeGreaterThan(16);
    expect(new Set(iterationTags.map((one) => JSON.stringify(one)))).toEqual(new Set([JSON.stringify(tags)]));
  },
);
