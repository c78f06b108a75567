import { describe, expect, test } from 'vitest';
import { createMeter } from '../meter/meter.ts';
import { planWith } from '../metrics/collector.cases.ts';
import type { ComparisonPlan } from '../model/comparison.ts';
import { createRandom } from '../stats/random.ts';
import { judgedCollector } from './judged-collector.cases.ts';

const overhead: ComparisonPlan = {
  name: 'overhead',
  metric: 'iteration_duration',
  of: { task: 'guarded' },
  against: { task: 'plain' },
  statistic: 'med',
  limit: { expression: '<10%', operator: '<', ratio: 0.1 },
};

/** A run of two workers whose machine gets slower and faster; `guarded` takes `ratio` times as long as `plain`. */
function compare(
  ratio: number,
  options: { seconds?: number; perSecond?: number; plan?: ComparisonPlan } = {},
) {
  const { seconds = 30, perSecond = 50, plan = overhead } = options;
  const collector = judgedCollector(planWith({ comparisons: [plan] }));
  const random = createRandom(7, 'times');
  for (const worker of [0, 1]) {
    const meter = createMeter(worker);
    const [guarded, plain] = ['guarded', 'plain'].map((task) => meter.trend('iteration_duration', { task }));
    for (let second = 0; second < seconds; second++) {
      const pace = 2 + Math.sin(second / 5);
      const noise = (): number => pace * Math.exp((random() + random() + random() - 1.5) * 0.5);
      for (let i = 0; i < perSecond; i++) {
        guarded!.add(noise() * ratio);
        plain!.add(noise());
      }
      collector.accept(meter.flush(second * 1000, (second + 1) * 1000));
    }
  }
  return collector.finish(seconds * 1000).comparisons!.overhead!;
}

describe('a comparison', () => {
  test('passes where there is no overhead, and its interval holds zero', () => {
    const result = compare(1);
    expect(result.status).toBe('pass');
    expect(result.low).toBeLessThan(0);
    expect(result.high).toBeGreaterThan(0);
    expect(result.high).toBeLessThan(0.05);
  });

  test('fails with a planted overhead of 30 %, which its interval holds', () => {
    const result = compare(1.3);
    expect(result.status).toBe('fail');
    expect(result.low).toBeLessThan(0.3);
    expect(result.high).toBeGreaterThan(0.3);
    expect(result.high! - result.low!).toBeLessThan(0.1);
  });

  test('is inconclusive when its interval holds the limit', () => {
    expect(compare(1.1, { seconds: 5 }).status).toBe('inconclusive');
  });

  test('has one pair for each worker and second', () => {
    const { pairs, ofCount, againstCount } = compare(1, { seconds: 12 });
    expect(pairs.of).toHaveLength(24);
    expect(pairs.against).toHaveLength(24);
    expect([ofCount, againstCount]).toEqual([1200, 1200]);
  });

  test('joins seconds until both sides have ten values', () => {
    expect(compare(1, { seconds: 12, perSecond: 4 }).pairs.of).toHaveLength(8);
  });

  test('is inconclusive with too few pairs to know their spread', () => {
    const result = compare(1, { seconds: 2 });
    expect(result).toMatchObject({ status: 'inconclusive', difference: null, low: null, high: null });
  });

  test('without a limit only tells the difference', () => {
    const { limit: _, ...unlimited } = overhead;
    expect(compare(1.5, { plan: unlimited }).status).toBe('unjudged');
  });

  test('compares averages when told to', () => {
    const { difference, status } = compare(1.3, { plan: { ...overhead, statistic: 'avg' } });
    expect(difference).toBeCloseTo(0.3, 1);
    expect(status).toBe('fail');
  });

  test('is averaged in twos in the record of a long run, to the same result', () => {
    const { pairs, difference } = compare(1.2, { seconds: 700, perSecond: 10 });
    expect(pairs.of).toHaveLength(700);
    expect(difference).toBeCloseTo(0.2, 2);
  });
});
