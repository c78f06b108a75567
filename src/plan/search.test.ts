import { expect, test } from 'vitest';
import type { SuiteDefinition } from '../model/suite.ts';
import { makePlan } from './plan.ts';

function searchWith(thresholds: Record<string, string[]>) {
  const suite: SuiteDefinition = {
    name: 'shop',
    baseUrl: 'http://127.0.0.1:8000',
    users: { buyer: { tasks: { price: { run: () => {} } } } },
    profiles: {
      limit: {
        ...({
          executor: 'capacity-search',
          startRate: 10,
          stepRate: 10,
          maxRate: 30,
          stepDuration: '10s',
          preAllocatedVUs: 5,
        } as const),
        thresholds: { http_req_duration: ['p(95)<200'], ...thresholds },
      },
    },
  };
  return makePlan(suite, 'limit', { workers: 1, seed: 1, environment: 'local' });
}

test.each([
  ['recovery_time', 'max<30s'],
  ['spike_recovery_time', 'max<30s'],
  ['goodput_kept', 'value>0.8'],
])('a search refuses a limit on %s, which no step has a figure of', (metric, expression) => {
  expect(() => searchWith({ [metric]: [expression] })).toThrow(
    `${metric}: ${expression} is about the course of a whole run`,
  );
  expect(() => searchWith({})).not.toThrow();
});
