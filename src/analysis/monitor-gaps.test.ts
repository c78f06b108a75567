import { expect, test } from 'vitest';
import type { MonitorRecord } from '../model/monitor.ts';
import { measure } from './measurements.cases.ts';
import { findMonitorGaps } from './monitor-gaps.ts';

function monitor(changes: Partial<MonitorRecord>): MonitorRecord {
  return {
    ...{ kind: 'redis', title: 'Redis', source: 'redis://cache', intervalMs: 1000, figures: {}, times: [] },
    ...{ readingsPerEntry: 1, series: {}, readings: 5, failures: 1, gaps: [], events: [], tables: [] },
    ...{ readingMs: 10, skipped: 0 },
    ...changes,
  };
}

function findingOf(changes: Partial<MonitorRecord>) {
  return findMonitorGaps(measure({ changes: { monitors: { cache: monitor(changes), ok: monitor({}) } } }));
}

const gap = (fromMs: number, untilMs: number | null) => ({ fromMs, untilMs, reason: 'connection refused' });

test('a gap is told with its times and its reason', () => {
  expect(findingOf({ gaps: [gap(2000, 5000), gap(8000, null)] })).toEqual([
    {
      kind: 'monitor-gap',
      severity: 'info',
      title: 'Redis could not be watched all the time',
      detail:
        'Monitor cache read nothing from 2s to 5s: connection refused; from 8s to the end: connection refused.',
      evidence: [{ name: 'gaps of cache', value: 2, unit: 'count' }],
    },
  ]);
});

test('of many gaps the first three are told, and all are counted, those beyond the record’s bound too', () => {
  const gaps = Array.from({ length: 200 }, (_, i) => gap(i * 1000, i * 1000 + 500));
  const [finding] = findingOf({ gaps, gapCount: 1234 });
  expect(finding!.detail).toContain('; 1,231 further gaps.');
  expect(finding!.evidence[0]!.value).toBe(1234);
});

test('a source that was never read is told as such', () => {
  expect(findingOf({ readings: 0, gaps: [gap(0, null)] })[0]!.title).toBe('Redis could not be watched');
});
