// The line that shows a run while it goes.

import { expect, test } from 'vitest';
import type { LiveOperations, LiveProgress } from '../model/progress.ts';
import { plainPalette } from '../report/terminal.ts';
import { figures } from './progress.ts';

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
