import { describe, expect, it } from 'vitest';
import type { WorkerGap } from '../model/run-record.ts';
import { analyse } from './analyse.ts';
import { limitOn, measure, type RunCase } from './measurements.cases.ts';

const gap: WorkerGap = {
  worker: 1,
  fromMs: 2300,
  untilMs: 2712,
  measuredUntilMs: 2000,
  users: 5,
  reason: 'it was ended by SIGKILL',
};
const replaced: RunCase = {
  plan: { workers: 2 },
  workers: [{}, { completed: false }, { index: 1 }],
  gaps: [gap],
};
const stayedAway: RunCase = {
  plan: { workers: 2 },
  workers: [{}, { completed: false }],
  gaps: [{ ...gap, untilMs: null, users: 1 }],
};
const verdictOf = (run: RunCase) => analyse(measure(run)).verdict;
const broken = { thresholds: [limitOn('http_req_duration', 'p95', '<', 50)] };

describe('a worker that was lost and replaced', () => {
  it('makes the verdict inconclusive, with worker, time, reason, users and length of the gap', () => {
    expect(verdictOf(replaced)).toEqual({
      status: 'inconclusive',
      reasons: [
        'Worker 1 of 2 was lost at 2.3s (it was ended by SIGKILL): its 5 users were started again in another process 412ms later, and what it did after 2s is not in the figures.',
      ],
    });
  });

  it('does not hide a critical threshold that is broken', () => {
    const { status, reasons } = verdictOf({ ...replaced, plan: { workers: 2, ...broken } });
    expect(status).toBe('fail');
    expect(reasons).toEqual([
      expect.stringMatching(/^95th percentile response time/),
      expect.stringMatching(/Worker 1 of 2 was lost at/),
    ]);
  });

  it('does not count as saturation of the generator', () => {
    expect(measure(replaced).generator).toMatchObject({ saturated: false, reasons: [] });
  });

  it('is a finding, with the process that was lost', () => {
    const found = analyse(measure(replaced)).findings.find(({ kind }) => kind === 'worker-lost');
    expect(found).toMatchObject({ title: 'A worker was lost', severity: 'critical' });
    expect(found?.detail).toMatch(/^Worker 1 \(process 101\): Worker 1 of 2 was lost at 2\.3s/);
  });
});

describe('a worker that was lost and not replaced', () => {
  it('makes the verdict inconclusive whatever the figures say', () => {
    const { status, reasons } = verdictOf({ ...stayedAway, plan: { workers: 2, ...broken } });
    expect(status).toBe('inconclusive');
    expect(reasons[0]).toBe(
      'Worker 1 of 2 ended before the work was done: at 2.3s it was ended by SIGKILL, and its user was not started again, so part of the load is missing.',
    );
    expect(measure(stayedAway).generator.saturated).toBe(true);
  });

  it('names what came before it, too, when it is lost a second time', () => {
    const twice: RunCase = {
      plan: { workers: 2 },
      workers: [{}, { completed: false }, { index: 1, completed: false }],
      gaps: [gap, { ...gap, fromMs: 8000, untilMs: null }],
    };
    const { reasons } = verdictOf(twice);
    expect(reasons[0]).toMatch(/ended before the work was done: at 8s .* its 5 users were not started again/);
    expect(reasons.filter((reason) => /was lost at 2\.3s/.test(reason))).toHaveLength(1);
  });
});
