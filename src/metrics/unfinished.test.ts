import { expect, test } from 'vitest';
import { Histogram } from '../stats/histogram.ts';
import type { CutTotals } from './cut-book.ts';
import type { Totals } from './totals.ts';
import { unfinishedOf } from './unfinished.ts';

test('requests that were cut off before they were sent may add to requests, and to those sent again nothing', () => {
  const waits = new Histogram();
  for (const ms of [5000, 6000, 7000]) waits.add(ms);
  const cut: CutTotals[] = [
    {
      metric: 'http_req_duration',
      tags: {},
      bound: 'none',
      due: true,
      waits,
      overdue: waits,
      isEndless: false,
    },
  ];
  const totals: Totals = { type: 'counter', samples: true, count: 4 };
  const unfinished = (metric: string) => unfinishedOf({ metric, tags: {}, totals }, cut, () => 0);
  expect(unfinished('http_reqs')?.added).toBe(3);
  // What was sent again was counted when it was.
  expect(unfinished('http_req_resent')).toBeUndefined();
});
