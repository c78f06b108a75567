import { expect, test } from 'vitest';
import { readStatedBaseline, withoutComments } from './stated-baseline.ts';

const read = (value: unknown) => readStatedBaseline('baselines.json', value);

test('reads figures per endpoint, by name or as a list, within a key or not, and says how', () => {
  const figures = { p50: 250, p95: 600, p99: 1200, rps: 30, error_rate: 2 };
  const entry = {
    name: 'CRM Create',
    times: [
      { percentile: 50, ms: 250 },
      { percentile: 95, ms: 600 },
      { percentile: 99, ms: 1200 },
    ],
    perSec: 30,
    failed: 0.02,
  };
  const notes = ['Error rates are read as percent: 2 is 2 %.'];
  expect(read({ 'CRM Create': figures })).toEqual({
    layout: 'endpoints',
    entries: [entry],
    notes,
    named: [],
  });
  expect(read([{ name: 'CRM Create', ...figures }]).entries).toEqual([entry]);
  expect(read({ version: '1', updated: 'today', endpoints: { 'CRM Create': figures } })).toMatchObject({
    entries: [entry],
    notes: ['Not read of the file: version, updated.', ...notes],
  });
});

test('reads units and other spellings', () => {
  const { entries } = read({
    health: { response_time: { P50: '25 ms', 'P99.9': '1.2s' }, throughput: '50/s', 'error rate': '0.1%' },
  });
  expect(entries).toEqual([
    {
      name: 'health',
      times: [
        { percentile: 50, ms: 25 },
        { percentile: 99.9, ms: 1200 },
      ],
      perSec: 50,
      failed: 0.001,
    },
  ]);
});

test('reads the figures of one user, with comments, and says what is not compared', () => {
  const text = `{
    "single_user_p95": 1200,     // ms, "optimal"
    "optimal_throughput": 50,    // req/min per user
    "baseline_error_rate": 0.0,
    "resource_baseline": { "cpu_baseline": 15, "memory_baseline": 25, "at": "http://host" }
  }`;
  const { layout, entries, notes } = read(JSON.parse(withoutComments(text)));
  expect(layout).toBe('single-user');
  expect(entries).toEqual([{ times: [{ percentile: 95, ms: 1200 }], perSec: 50 / 60, failed: 0 }]);
  expect(notes.join('\n')).toContain('resource_baseline (cpu_baseline, memory_baseline, at) is not compared');
});

test.each<[string, unknown, RegExp]>([
  ['an empty object', {}, /no figures of endpoints/],
  ['a number', 5, /expected an object/],
  ['null for an endpoint', { a: null }, /a: expected an object of figures/],
  ['an endpoint without figures', { a: { color: 'red' } }, /a has no figure that can be read, only color/],
  ['a time of null', { a: { p95: null } }, /a.p95: expected a time above 0 in ms, found null/],
  ['a time of 0', { a: { p95: 0 } }, /a.p95/],
  ['a rate that is no number', { a: { p95: 5, rps: 'many' } }, /a.rps: expected a number/],
  [
    'an error rate that may be a share or percent',
    { a: { error_rate: 0.1 } },
    /share or percent: write "0.1%" or "10%"/,
  ],
  ['an error rate above 100 %', { a: { error_rate: 500 } }, /at most 100 %/],
  [
    'an endpoint twice',
    [
      { name: 'a', p95: 1 },
      { name: 'a', p95: 2 },
    ],
    /a stands there twice/,
  ],
  ['one user without a time', { single_user_p95: 'fast' }, /single_user_p95: expected a time/],
])('refuses %s', (_, value, message) => {
  expect(() => read(value)).toThrow(message);
});

test('takes small error rates as shares', () => {
  const { entries, notes } = read({ a: { error_rate: 0.001 }, b: { error_rate: 0.02 } });
  expect(entries.map(({ failed }) => failed)).toEqual([0.001, 0.02]);
  expect(notes).toEqual(['Error rates are read as shares: 0.02 is 2 %.']);
});

test('reads no count of errors as a share, and says which unit a bare throughput has', () => {
  const { entries, notes } = read({
    'GET /a': { p95: 100, errors: 3 },
    'GET /b': { p95: 100, errors: '2%', throughput: 40 },
    'GET /c': { p95: 100, failures: 12, failed: 0, throughput: 50 },
    'GET /d': { p95: 100, failure_rate: '1%' },
  });
  expect(entries.map(({ failed }) => failed)).toEqual([undefined, 0.02, undefined, 0.01]);
  const count = 'which may be a count. A share is read as error_rate, or with a percent sign.';
  expect(notes).toEqual([
    `Not read of GET /a: errors, ${count}`,
    'throughput without a unit is read as requests per second.',
    `Not read of GET /c: failures, ${count}`,
    `Not read of GET /c: failed, ${count}`,
  ]);
});

test('offers both readings of an error rate that may be either, in round figures', () => {
  expect(() => read({ a: { p95: 1, error_rate: 0.29 } })).toThrow('write "0.29%" or "29%"');
});
