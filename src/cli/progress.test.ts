// The line that shows a run while it goes.

import { expect, test } from 'vitest';
import { planWith } from '../metrics/collector.cases.ts';
import type { LiveOperations, LiveProgress } from '../model/progress.ts';
import { plainPalette } from '../report/text/terminal.ts';
import { createPlainDisplay, figures } from './progress.ts';

const one: LiveOperations = {
  ...{ kind: 'statement', count: 900, perSec: 98, failed: 9, failedRatio: 0.01 },
  ...{ lastP95Ms: 12, runP95Ms: 10 },
};

function lineOf(operations: readonly LiveOperations[], changes: Partial<LiveProgress> = {}): string {
  const progress: LiveProgress = {
    ...{ elapsedMs: 5000, vus: 4, vusMax: 4, requests: 0, requestsPerSec: 0, iterations: 0 },
    ...{ iterationsPerSec: 0, droppedIterations: 0, lastP95Ms: null, runP95Ms: null, failedRequests: 0 },
    ...{ failedRatio: 0, checkPasses: 0, checkFails: 0, watched: [], alerts: [] },
    operations,
    ...changes,
  };
  return figures(progress, plainPalette);
}

test('it speaks of what the run sends', () => {
  expect(lineOf([one])).toBe('4 VUs  |  98 statements/s  |  p95 12 ms now, 10 ms overall  |  9 failed (1 %)');
  expect(lineOf([{ ...one, kind: 'request', failed: 0, failedRatio: 0 }])).toContain('98 req/s');
  expect(lineOf([{ ...one, kind: 'command', lastP95Ms: null }])).toMatch(
    /98 commands\/s .* p95 - now, 10 ms/,
  );
  expect(lineOf([{ ...one, kind: 'iteration' }])).toContain('98 iterations/s');
});

test('of several kinds it is brief, and before the first it has the users alone', () => {
  const request: LiveOperations = { ...one, kind: 'request', perSec: 40, failed: 0 };
  expect(lineOf([request, one], { droppedIterations: 3 })).toBe(
    '4 VUs  |  40 req/s, p95 12 ms  |  98 statements/s, p95 12 ms, 9 failed  |  3 dropped',
  );
  expect(lineOf([])).toBe('4 VUs');
});

test.each([
  [false, 1],
  [true, 2],
])(
  'without a terminal it is one line each time, and with --verbose (%s) one more for the monitors',
  (verbose, count) => {
    let nowMs = 0;
    const written: string[] = [];
    const write = (text: string) => written.push(text) > 0;
    const display = createPlainDisplay({ write } as never, verbose, () => nowMs);
    const plan = planWith();
    display.started(plan);
    expect(written.splice(0)).toHaveLength(1);
    const definition = { type: 'gauge', unit: 'ratio', title: 'CPU' } as const;
    const figure = { definition, value: 0.5 };
    const watched = [{ title: 'database', figures: [figure], failing: false }] as never;
    const progress = {
      ...{ elapsedMs: 5000, vus: 4, vusMax: 4, requests: 0, requestsPerSec: 0, iterations: 0 },
      ...{ iterationsPerSec: 0, droppedIterations: 0, lastP95Ms: null, runP95Ms: null, failedRequests: 0 },
      ...{ failedRatio: 0, checkPasses: 0, checkFails: 0, watched, alerts: [], operations: [one] },
    };
    display.update(plan, progress);
    expect(written).toEqual([]);
    nowMs = 5001;
    display.update(plan, progress);
    expect(written).toHaveLength(count);
    expect(written.join('').includes('database')).toBe(verbose);
  },
);
