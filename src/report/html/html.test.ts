import { describe, expect, test } from 'vitest';
import { hostileNames, makeRecord, recordVariants } from '../record.cases.ts';
import { latencyDistribution } from '../view/latency-distribution.ts';
import { keyFigures } from '../view/record-figures.ts';
import { renderHtml } from './html.ts';

describe.each(recordVariants)('report.html of a %s run', (variant) => {
  const html = renderHtml(makeRecord(variant, 20));

  test('refers to nothing outside itself', () => {
    expect(html).not.toMatch(/<(link|img|iframe|script[^>]+src|source|object|embed)\b/i);
    expect(html).not.toMatch(/@import|url\(\s*['"]?https?:/i);
  });

  test('holds its sections in order, the verdict first', () => {
    const ids = [...html.matchAll(/<h[12] id="([a-z-]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual([
      'verdict-title',
      'figures',
      'time',
      'distribution',
      'tasks',
      'endpoints',
      ...(variant === 'empty' ? [] : ['slowest']),
      'checks',
      'errors',
      ...(variant === 'inconclusive' ? ['cut-off'] : []),
      'thresholds',
      'findings',
      'generator',
      'plan',
      'environment',
    ]);
  });

  test('keeps names from becoming markup or script', () => {
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html).not.toContain(hostileNames.html);
  });

  test('its chart data is JSON with equally long series', () => {
    const text = /id="chart-data">(.*?)<\/script>/s.exec(html)?.[1];
    const data = JSON.parse(text ?? '') as {
      timeSec: number[];
      charts: { series: { values: number[] }[] }[];
    };
    expect(data.timeSec).toHaveLength(variant === 'empty' ? 0 : 20);
    for (const { series } of data.charts) {
      for (const { values } of series) expect(values).toHaveLength(data.timeSec.length);
    }
  });
});

test('a run without samples or errors says so', () => {
  const html = renderHtml(makeRecord('empty'));
  for (const sentence of ['No errors', 'Nothing was measured', 'No thresholds were set', 'No task was run']) {
    expect(html).toContain(sentence);
  }
});

test('the bins of the distribution add up to every response', () => {
  const record = makeRecord('failing', 20);
  const distribution = latencyDistribution(record, 'http_req_duration');
  const sum = distribution?.bins.reduce((total, { count }) => total + count, 0) ?? 0;
  expect(sum).toBeCloseTo(distribution?.total ?? -1, 6);
  expect(distribution?.total).toBe(keyFigures(record).requests);
  expect(distribution?.markers.map(({ label }) => label)).toEqual(['p50', 'p95', 'p99']);
});

test('the plan says when to run the profile', () => {
  const record = makeRecord('passing', 5);
  expect(renderHtml(record)).not.toContain('When to run');
  const html = renderHtml({ ...record, plan: { ...record.plan, whenToRun: 'Daily & <nightly>' } });
  expect(html).toContain('<dt>When to run</dt><dd>Daily &amp; &lt;nightly&gt;</dd>');
});

test('a histogram that cannot be read costs the distribution, not the report', () => {
  const record = makeRecord('passing', 5);
  const duration = record.metrics.http_req_duration!;
  const damaged = {
    ...record,
    metrics: { ...record.metrics, http_req_duration: { ...duration, histogram: 'AAAA' } },
  };
  expect(renderHtml(damaged)).toContain('there is no distribution');
});
