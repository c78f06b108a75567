import { expect, test } from 'vitest';
import { planSelections, selectionFigures, selectionType, valueFigures } from './selection-figures.ts';

test('the name says whether a selection is a counter, unless `as` does', () => {
  for (const metric of ['x_total', 'x_count', 'x_sum', 'x_bucket'])
    expect(selectionType({ metric })).toBe('counter');
  for (const metric of ['x', 'x_total_bytes', 'count', 'http.requests']) {
    expect(selectionType({ metric })).toBe('gauge');
  }
  expect(selectionType({ metric: 'x', as: 'increase' })).toBe('counter');
  for (const as of ['value', 'quantile', 'average'] as const) {
    expect(selectionType({ metric: 'x_total', as })).toBe('gauge');
  }
});

test('plans have all defaults', () => {
  expect(planSelections({ in_flight: 'requests_in_flight' })).toEqual({
    in_flight: { metric: 'requests_in_flight', labels: {}, combine: 'sum', scale: 1 },
  });
  expect(
    planSelections({ p95: { metric: 'x_seconds', quantile: 0.95, scale: 1000, labels: { a: 'b' } } }),
  ).toEqual({
    p95: {
      metric: 'x_seconds',
      labels: { a: 'b' },
      as: 'quantile',
      quantile: 0.95,
      combine: 'sum',
      scale: 1000,
    },
  });
});

test('figures have a type, a unit and a title, and the first three are headlines', () => {
  const figures = selectionFigures({
    errors: { metric: 'http_requests_total', labels: { code: '500' }, title: 'server errors' },
    p95_ms: { metric: 'x_seconds', quantile: 0.95, scale: 1000, unit: 'ms' },
    a: 'a',
    b: 'b',
  });
  expect(figures).toEqual({
    errors: { type: 'counter', unit: 'count', title: 'server errors', headline: true },
    p95_ms: { type: 'gauge', unit: 'ms', title: 'p95 ms', headline: true },
    a: { type: 'gauge', unit: 'count', title: 'a', headline: true },
    b: { type: 'gauge', unit: 'count', title: 'b' },
  });
  expect(valueFigures({ queue_length: 'queue.length', heap: { unit: 'bytes', title: 'heap' } })).toEqual({
    queue_length: { type: 'gauge', unit: 'count', title: 'queue length', headline: true },
    heap: { type: 'gauge', unit: 'bytes', title: 'heap', headline: true },
  });
});
