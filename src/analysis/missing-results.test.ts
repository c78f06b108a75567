import { describe, expect, test } from 'vitest';
import { judgedThresholds } from '../judge/judged-thresholds.ts';
import type { Measurements } from '../model/run-record.ts';
import { limitOn, measure } from './measurements.cases.ts';
import { makeVerdict } from './verdict.ts';

const kept = limitOn('http_req_failed', 'rate', '<', 0.01);
const limit = limitOn('http_req_duration', 'p95', '<', 500);
const series = 'http_req_duration';

/** A run of which something is lost. */
function damaged(change: (run: Measurements) => Partial<Measurements>, one = limit): Measurements {
  const run = measure({ plan: { thresholds: [kept, one] } });
  return { ...run, ...change(run) };
}

function withoutEntry({ metrics }: Measurements): Partial<Measurements> {
  const { [series]: _, ...rest } = metrics;
  return { metrics: rest };
}

function withoutOutcome({ thresholds = [] }: Measurements): Partial<Measurements> {
  return { thresholds: thresholds.filter((one) => one.series !== series) };
}

/** As older versions wrote it: results by expression only, and not all of them. */
function withoutResults({ metrics }: Measurements): Partial<Measurements> {
  const { thresholds: _, ...entry } = metrics[series]!;
  return {
    thresholds: undefined,
    metrics: { ...metrics, [series]: entry },
  } as unknown as Partial<Measurements>;
}

describe('a threshold of the plan that the record has no result of', () => {
  test.each([
    ['whose metric is missing', withoutEntry],
    ['whose outcome is missing', withoutOutcome],
    ['of an older version', withoutResults],
    ['where all outcomes are missing', () => ({ thresholds: [] })],
    ['where all metrics are missing', () => ({ metrics: {} })],
  ])('%s makes the verdict inconclusive', (_, change) => {
    const { status, reasons } = makeVerdict(damaged(change));
    expect(status).toBe('inconclusive');
    expect(reasons).toContain(
      '95th percentile response time (limit 500 ms): the record has no result of it.',
    );
  });

  test('does so though it is optional', () => {
    const optional = limitOn('http_req_duration', 'p95', '<', 500, { optional: true });
    expect(makeVerdict(damaged(withoutOutcome, optional)).status).toBe('inconclusive');
  });

  test('stays broken where only the figures of its metric are lost', () => {
    const broken = limitOn('http_req_duration', 'p95', '<', 50);
    expect(makeVerdict(damaged(withoutEntry, broken)).status).toBe('fail');
  });

  test('has the unit of its metric, and of one that nobody knows any', () => {
    const of = (metric: string) =>
      judgedThresholds({
        ...{ plan: { ...measure({}).plan, thresholds: [limitOn(metric, 'max', '<', 5)] } },
        ...{ metrics: {}, thresholds: [] },
      }).map(({ unit, type }) => [unit, type]);
    expect(of('http_req_duration')).toEqual([['ms', 'trend']]);
    expect(of('http_req_failed')).toEqual([['ratio', 'rate']]);
    expect(of('constructor')).toEqual([['count', 'trend']]);
  });
});
