import { expect, test } from 'vitest';
import type { GaugeValues } from '../model/metric.ts';
import { SummedGauge } from './summed-gauge.ts';

const steady = (value: number) => ({ id: 0, type: 'gauge' as const, value, min: value, max: value });

function secondsOf(gauge: SummedGauge, until: number): GaugeValues[] {
  const seconds: GaugeValues[] = [];
  gauge.seal(until, (_startAtMs, values) => seconds.push(values));
  return seconds;
}

test('a worker that was lost and replaced counts once, and the gap shows as the lowest value', () => {
  const gauge = new SummedGauge();
  for (const worker of [0, 1]) gauge.add(worker, 0, steady(5));
  gauge.add(0, 1000, steady(5));
  gauge.add(1, 1000, steady(0));
  gauge.add(3, 1000, { id: 0, type: 'gauge', value: 4, min: 1, max: 4 });
  gauge.add(0, 2000, steady(5));
  gauge.add(3, 2000, { id: 0, type: 'gauge', value: 5, min: 4, max: 5 });
  expect(gauge.current()).toBe(10);
  expect(secondsOf(gauge, 3)).toEqual([
    { value: 10, min: 10, max: 10 },
    { value: 9, min: 6, max: 9 },
    { value: 10, min: 9, max: 10 },
  ]);
});

test('a worker that told its last second before it was lost takes it back', () => {
  const gauge = new SummedGauge();
  gauge.add(0, 0, steady(5));
  gauge.add(0, 0, steady(0));
  gauge.add(1, 0, { id: 0, type: 'gauge', value: 5, min: 1, max: 5 });
  expect(secondsOf(gauge, 1)).toEqual([{ value: 5, min: 1, max: 5 }]);
});
