import { expect, test } from 'vitest';
import { memoryByRole, peakOf } from './memory-samples.ts';
import type { MemorySample } from './processes.ts';

const use = (command: string, rssBytes: number, pssBytes = rssBytes) => ({
  pid: 1,
  command,
  rssBytes,
  pssBytes,
});
const coordinator = 'node /somewhere/bin/plimsoll.js run suite.ts';
const worker = 'node /somewhere/dist/src/worker.js';

test('a peak is the highest sum at one moment, not the sum of the highest', () => {
  const samples: MemorySample[] = [
    { atMs: 0, processes: [use(coordinator, 50, 40), use('esbuild', 60, 60)] },
    { atMs: 10, processes: [use(coordinator, 40, 30), use(worker, 65, 55)] },
    { atMs: 20, processes: [use(coordinator, 30, 30), use(worker, 70, 66)] },
  ];
  expect(peakOf(samples)).toEqual({ rssBytes: 110, pssBytes: 100 });
});

test('steady memory is the median of the second half, by kind of process', () => {
  const samples: MemorySample[] = [5000, 10, 40, 20, 30].map((rssBytes, k) => ({
    atMs: k * 100,
    processes: [use(coordinator, 7), use(worker, rssBytes / 2), use(worker, rssBytes / 2)],
  }));
  const byRole = memoryByRole(samples);
  expect(byRole.worker).toEqual({ peakRssBytes: 5000, steadyRssBytes: 30 });
  expect(byRole.coordinator).toEqual({ peakRssBytes: 7, steadyRssBytes: 7 });
  expect(byRole.other).toEqual({ peakRssBytes: 0, steadyRssBytes: 0 });
});
