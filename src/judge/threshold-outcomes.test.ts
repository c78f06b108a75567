import { describe, expect, test } from 'vitest';
import { limitOn, planWith, recordRequest, windowOf } from '../metrics/collector.cases.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import type { JudgedRun } from '../model/run-record.ts';
import { judgedCollector } from './judged-collector.cases.ts';
import { identifyThresholds } from './threshold-outcomes.ts';

/** A second in which every request of two tasks takes 200 ms. */
function collect(thresholds: readonly ThresholdPlan[], abortsAtMs?: number): JudgedRun {
  const collector = judgedCollector(planWith({ thresholds }));
  const window = windowOf(0, 0, (meter) => {
    for (const scenario of ['browse', 'buy']) recordRequest(meter, 200, false, { scenario, task: 'price' });
  });
  collector.accept(window);
  if (abortsAtMs !== undefined) collector.breachedAborts(abortsAtMs);
  return collector.finish(1000);
}

const critical = limitOn('http_req_duration', 'p95', '<', 100);
const target = limitOn('http_req_duration', 'p95', '<', 100, { level: 'target' });

describe('the result of a threshold', () => {
  test('is its own where a suite and a profile write the same expression at two levels, in either order', () => {
    for (const thresholds of [
      [critical, target],
      [target, critical],
    ]) {
      const { thresholds: outcomes, metrics } = collect(thresholds);
      expect(outcomes.map(({ level, ok }) => [level, ok])).toEqual(
        thresholds.map(({ level }) => [level, false]),
      );
      expect(new Set(outcomes.map(({ id }) => id)).size).toBe(2);
      expect(metrics.http_req_duration?.thresholds?.['p(95)<100']).toMatchObject({
        ok: false,
        level: 'critical',
      });
    }
  });

  test('is its own in two scenarios, with and without abortOnFail, with other delays, blanks and margins', () => {
    const aborting = { ...critical, abortOnFail: true };
    const late = { ...aborting, delayAbortEvalMs: 60_000 };
    const spaced = { ...critical, expression: 'p(95) < 100' };
    const ofBuy = { ...critical, tags: { scenario: 'buy' } };
    const lenient = { ...critical, limit: 300, expression: 'p(95)<300', warnMargin: 0.5 };
    const strict = { ...lenient, warnMargin: 0 };
    const thresholds = [critical, aborting, late, spaced, ofBuy, lenient, strict, critical];
    const { thresholds: outcomes, metrics } = collect(
      thresholds.map((one) => ({ ...one })),
      1000,
    );
    expect(outcomes.map(({ aborted }) => aborted)).toEqual([
      false,
      true,
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(outcomes.map(({ close }) => close).slice(5, 7)).toEqual([true, false]);
    expect(new Set(outcomes.map(({ id }) => id)).size).toBe(thresholds.length);
    expect(outcomes[1]!.id).toBe('http_req_duration: p(95)<100 [abortOnFail]');
    expect(outcomes[2]!.id).toBe('http_req_duration: p(95)<100 [abortOnFail, after 1m]');
    expect(metrics.http_req_duration?.thresholds?.['p(95)<100']).toMatchObject({ aborted: true });
    expect(metrics['http_req_duration{scenario:buy}']?.thresholds?.['p(95)<100']).toMatchObject({
      ok: false,
    });
  });

  test('keeps the name that it has alone, whatever else the plan holds', () => {
    expect(identifyThresholds([{ ...critical, abortOnFail: true }, target])).toEqual([
      'http_req_duration: p(95)<100',
      'http_req_duration: p(95)<100 (target)',
    ]);
  });
});
