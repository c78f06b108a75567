import { describe, expect, test } from 'vitest';
import type { HttpResponse, TaskContext } from '../model/context.ts';
import type { MeasureDefinition, SuiteDefinition } from '../model/suite.ts';
import { compileHook, compileRequests } from './declarative.ts';
import { findMistakes } from './schema.ts';

const metrics: NonNullable<SuiteDefinition['metrics']> = {
  hits: { type: 'rate' },
  tokens: { type: 'trend' },
  served: { type: 'counter' },
  queued: { type: 'gauge' },
};

interface Given {
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly error?: HttpResponse['error'];
}

/** A context that answers every request with `given`, and lists the samples and the checks that it got. */
function makeContext({ headers = {}, body = '', error = null }: Given) {
  const samples: unknown[] = [];
  const checks: Record<string, boolean> = {};
  const response = { status: 200, url: '/x', headers, error, timings: { duration: 1 }, text: () => body };
  const sample = (kind: string) => (name: string) => {
    const add = (value: unknown) => samples.push([kind, name, value]);
    return { add, set: add };
  };
  const context = {
    http: { request: () => Promise.resolve(response) },
    check(value: unknown, predicates: Record<string, (value: unknown) => boolean>) {
      for (const [name, holds] of Object.entries(predicates)) checks[name] = holds(value);
      return true;
    },
    metrics: Object.fromEntries(['rate', 'trend', 'counter', 'gauge'].map((kind) => [kind, sample(kind)])),
    session: {},
    vu: { id: 1 },
  } as unknown as TaskContext;
  return { context, samples, checks };
}

async function samplesOf(given: Given, measure: Record<string, MeasureDefinition>): Promise<unknown[]> {
  const { context, samples } = makeContext(given);
  await compileRequests([{ url: '/x', measure }], { metrics })(context);
  return samples;
}

describe('measure', () => {
  test('makes a rate of a header, by its whole value or by a match', async () => {
    const measure = { hits: { header: 'X-Cache', equals: 'hit' } };
    expect(await samplesOf({ headers: { 'x-cache': 'hit' } }, measure)).toEqual([['rate', 'hits', true]]);
    expect(await samplesOf({ headers: { 'x-cache': 'hit-for-pass' } }, measure)).toEqual([
      ['rate', 'hits', false],
    ]);
    const byMatch = { hits: { header: 'cache-status', matches: '; hit\\b' } };
    expect(await samplesOf({ headers: { 'cache-status': 'edge; hit' } }, byMatch)).toEqual([
      ['rate', 'hits', true],
    ]);
  });

  test('takes numbers from headers, from the JSON and from the body', async () => {
    const given = { headers: { 'server-timing': 'db;dur=12.5' }, body: '{"usage":{"tokens":31},"left":"7"}' };
    const measure = {
      tokens: { header: 'server-timing', pattern: 'db;dur=([\\d.]+)' },
      served: { json: 'usage.tokens' },
      queued: { body: '"left":"(\\d+)"' },
    };
    expect(await samplesOf(given, measure)).toEqual([
      ['trend', 'tokens', 12.5],
      ['counter', 'served', 31],
      ['gauge', 'queued', 7],
    ]);
  });

  test('adds no sample where the answer has no such value, is no JSON, or did not come', async () => {
    const measure = { hits: { header: 'x-cache', equals: 'hit' }, served: { json: 'usage.tokens' } };
    expect(await samplesOf({ body: '{}' }, measure)).toEqual([]);
    expect(await samplesOf({ body: '<html>' }, measure)).toEqual([]);
    const error = { code: 'timeout', message: 'no answer in 5s' };
    expect(await samplesOf({ headers: { 'x-cache': 'hit' }, error }, measure)).toEqual([]);
  });

  test('fails the iteration for a value that should be a number and is none', async () => {
    const measured = samplesOf({ headers: { 'x-tokens': 'many' } }, { tokens: { header: 'x-tokens' } });
    await expect(measured).rejects.toThrow(
      'measure.tokens: header x-tokens of the answer from /x is no number: many',
    );
  });
});

test('save takes values from headers and from the body, too', async () => {
  const { context } = makeContext({ headers: { location: '/items/17' }, body: 'csrf="a1b2"' });
  const save = {
    path: { header: 'Location' },
    id: { header: 'location', pattern: '/items/(\\d+)' },
    csrf: { body: 'csrf="(\\w+)"' },
  };
  await compileRequests([{ url: '/x', save }])(context);
  expect(context.session).toEqual({ path: '/items/17', id: '17', csrf: 'a1b2' });
  await expect(compileRequests([{ url: '/x', save: { id: { header: 'etag' } } }])(context)).rejects.toThrow(
    'save.id: the answer of GET /x has no header etag',
  );
});

test('checks compare headers and values in the JSON', async () => {
  const { context, checks } = makeContext({ headers: { 'x-cache': 'hit' }, body: '{"items":[{"id":7}]}' });
  await compileRequests([
    {
      url: '/x',
      checks: {
        header: { headers: { 'X-Cache': 'hit' } },
        json: { json: { 'items.0.id': 7 } },
        both: { headers: { 'x-cache': 'hit' }, json: { 'items.0.id': 8 } },
        absent: { headers: { etag: 'hit' } },
      },
    },
  ])(context);
  expect(checks).toEqual({ header: true, json: true, both: false, absent: false });
});

test('onStart may be code or requests', async () => {
  const { context, samples } = makeContext({ headers: { 'x-cache': 'hit' } });
  const measure = { hits: { header: 'x-cache', equals: 'hit' } };
  await compileHook({ requests: [{ url: '/x', measure }] }, { metrics })?.(context);
  expect(samples).toEqual([['rate', 'hits', true]]);
  const code = () => undefined;
  expect(compileHook(code, { metrics })).toBe(code);
  expect(compileHook(undefined, { metrics })).toBeUndefined();
});

describe('mistakes', () => {
  const suiteWith = (request: object, hook?: object) => ({
    name: 'shop',
    metrics,
    users: {
      visitor: {
        ...(hook === undefined ? {} : { onStart: hook }),
        tasks: { look: { requests: [{ url: '/', ...request }] } },
      },
    },
    profiles: { smoke: { executor: 'constant-vus', vus: 1, duration: '1s' } },
  });
  const at = 'users.visitor.tasks.look.requests[0]';

  test.each([
    [{ measure: { hitz: { header: 'x', equals: 'hit' } } }, `${at}.measure.hitz`, 'hits'],
    [{ measure: { hits: { header: 'x' } } }, `${at}.measure.hits`, undefined],
    [{ measure: { tokens: { header: 'x', equals: 3 } } }, `${at}.measure.tokens.equals`, undefined],
    [{ measure: { hits: { header: 'x', matches: '(' } } }, `${at}.measure.hits.matches`, undefined],
    [{ measure: { tokens: { jsn: 'a' } } }, `${at}.measure.tokens.jsn`, 'json'],
    [{ save: { id: { header: 'x', patern: 'y' } } }, `${at}.save.id.patern`, 'pattern'],
    [{ responseType: 'none', measure: { tokens: { json: 'a' } } }, `${at}.responseType`, undefined],
  ])('%j is one', (request, path, suggestion) => {
    const found = findMistakes(suiteWith(request));
    expect(found.map((mistake) => mistake.path)).toContain(path);
    expect(found.find((mistake) => mistake.path === path)?.suggestion).toBe(suggestion);
  });

  test('requests of onStart are looked at like others', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: suites without code hold such placeholders
    const hook = { requests: [{ url: '/${user.id}' }] };
    expect(findMistakes(suiteWith({}, hook)).map(({ path }) => path)).toEqual([
      'users.visitor.onStart.requests[0].url',
    ]);
    expect(findMistakes(suiteWith({}, { requests: [{ url: '/start' }] }))).toEqual([]);
  });

  test('a header alone can be measured of a body that is not kept', () => {
    const request = { responseType: 'none', measure: { hits: { header: 'x', equals: 'hit' } } };
    expect(findMistakes(suiteWith(request))).toEqual([]);
  });
});
