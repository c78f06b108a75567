import { expect, test } from 'vitest';
import { recordRequest, windowOf } from '../metrics/collector.cases.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { planSearchStep } from '../plan/search-step.ts';
import { makeSearchStep } from './join-search.ts';
import { createLoadReplay } from './replay-load.ts';
import { searchSteps } from './search-steps.ts';

const suite: SuiteDefinition = {
  name: 'shop',
  baseUrl: 'http://127.0.0.1:1',
  users: { visitor: { tasks: { home: { run() {} } } } },
  profiles: {
    steady: {
      executor: 'constant-vus',
      vus: 1,
      duration: '10s',
      thresholds: { http_reqs: ['count<1000'] },
    },
  },
};

/** A step of four seconds that the target carries. */
function stepThatHolds(load: number, name: string) {
  const warmUpMs = 1000;
  const options = { workers: 1, seed: 1, environment: 'local', unit: 'users' as const };
  const { plan } = planSearchStep(suite, 'steady', { ...options, name, load, durationMs: 4000, warmUpMs });
  const driven = createLoadReplay(plan, new Date(0)).finish();
  const tags = { scenario: name };
  const windows = [0, 1, 2, 3].map((second) =>
    windowOf(0, second * 1000, (meter) => {
      recordRequest(meter, 10, false, tags);
      meter.counter('iterations', tags).add(1);
    }),
  );
  const measured = { windows, errors: [], reports: [], driven: { ...driven, interrupted: false } };
  return makeSearchStep({ plan, warmUpMs, ...measured });
}

test('what ended a search is told and kept without the secrets that stand in it', async () => {
  const told: string[] = [];
  const { endedBy } = await searchSteps(
    { unit: 'users', from: 1, to: 8, precision: 0.1 },
    { tell: (message) => told.push(message), onTrial() {}, drainSignal: new AbortController().signal },
    async (load, scenario) => {
      if (scenario !== 'step-1') throw new Error('no answer from http://shop:hidden-word@127.0.0.1:9/');
      return stepThatHolds(load, scenario);
    },
  );
  expect(endedBy, told.join('\n')).toContain(
    'could not be made: no answer from http://shop:***@127.0.0.1:9/',
  );
  expect(told.join()).not.toContain('hidden-word');
});
