import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SuiteError } from '../model/errors.ts';
import { applyScenarioFile, isScenarioFile } from './scenario-file.ts';
import { loadSuite } from './suite.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-scenarios-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, text: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return file;
}

const shop = `
name: shop
metrics: { cache_hits: { type: rate } }
users:
  guest: { tasks: { look: { requests: [{ url: / }] } } }
  buyer:
    flow:
      search: { requests: [{ url: /search, measure: { cache_hits: { header: x-cache, equals: hit } } }] }
      buy: { probability: 0.5, requests: [{ url: /buy }] }
profiles:
  rush: { description: The busy hour, executor: constant-vus, vus: 1, duration: 1s, thresholds: { checks: ["rate>99%"] } }
  other: { executor: constant-vus, vus: 1, duration: 1s }
objectives:
  fast: { profiles: [rush, other], thresholds: { http_req_duration: ["p(99)<900"] } }
  elsewhere: { profiles: [other], thresholds: { http_req_duration: ["p(99)<901"] } }
`;

const mistakesOf = async (file: string) => {
  const error = await loadSuite(file, { env: {} }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SuiteError);
  return (error as SuiteError).mistakes;
};

describe('a file of scenarios', () => {
  test('makes profiles of the suite that it names, with limits of two levels and think times for its rate', async () => {
    await write('shop.yaml', shop);
    const file = await write(
      'load.yaml',
      `suite: shop.yaml
scenarios:
  rush:
    concurrent_users: 100
    test_duration_seconds: 90
    targets: { requests_per_second: 50.0, p95_response_time_ms: 200.0, cache_hit_rate: 95.0, error_rate: 1.0 }
  calm: { concurrent_users: 3, test_duration_seconds: 2.5 }
request_patterns: { search: 0.8, buy: 0.2 }
`,
    );
    const { definition } = await loadSuite(file, { env: {} });
    expect(Object.keys(definition.profiles)).toEqual(['rush', 'calm']);
    // 100 users × (0.8 + 0.2) requests / (1.25 × 50 per s) = 1.6 s, plus or minus a quarter.
    expect(definition.profiles.rush).toEqual({
      description: 'The busy hour',
      executor: 'constant-vus',
      vus: 100,
      duration: 90_000,
      rampUp: 1600,
      thinkTime: [1200, 2000],
      users: ['buyer'],
      tasks: { buyer: { search: 0.8, buy: 0.2 } },
      thresholds: {
        checks: ['rate>99%'],
        http_reqs: [{ target: 'rate>=50', critical: 'rate>=40' }],
        http_req_duration: [{ target: 'p(95)<200', critical: 'p(95)<266' }],
        cache_hits: [{ target: 'rate>=95%', critical: 'rate>=90%' }],
        http_req_failed: [{ target: 'rate<1%', critical: 'rate<5%' }],
      },
    });
    expect(definition.profiles.calm).toMatchObject({ vus: 3, duration: 2500 });
    expect(definition.objectives).toEqual({
      fast: { profiles: ['rush'], thresholds: { http_req_duration: ['p(99)<900'] } },
    });
  });

  test('is told from a suite, which has users or profiles', () => {
    expect(isScenarioFile({ scenarios: {} })).toBe(true);
    expect(isScenarioFile({ scenarios: {}, users: {} })).toBe(false);
    expect(isScenarioFile({ users: {}, profiles: {} })).toBe(false);
  });

  test('has its mistakes told with their lines and nearest names', async () => {
    await write('shop.yaml', shop);
    const file = await write(
      'load.yaml',
      `suite: shop.yaml
scenarios:
  rush:
    concurrent_user: 100
    test_duration_seconds: 90
    targets: { p95_response_time_ms: fast }
`,
    );
    expect(await mistakesOf(file)).toEqual([
      expect.objectContaining({ path: 'scenarios.rush.concurrent_users (line 3)' }),
      expect.objectContaining({ path: 'scenarios.rush.targets.p95_response_time_ms (line 6)' }),
      expect.objectContaining({
        path: 'scenarios.rush.concurrent_user (line 4)',
        suggestion: 'concurrent_users',
      }),
    ]);
    const scenarios = 'scenarios: { rush: { concurrent_users: 1, test_duration_seconds: 1 } }';
    const unknown = await write(
      'b.yaml',
      `suite: shop.yaml\n${scenarios}\nrequest_patterns: { serch: 0.5 }\n`,
    );
    expect(await mistakesOf(unknown)).toEqual([
      {
        path: 'request_patterns.serch (line 3)',
        expected: 'a step of the suite shop: search or buy',
        found: '"serch"',
        suggestion: 'search',
      },
    ]);
  });

  test('cannot ask for cache hits of a suite that measures none, nor be about a suite with code', async () => {
    const file = {
      scenarios: {
        rush: { concurrent_users: 1, test_duration_seconds: 1, targets: { cache_hit_rate: 95 } },
      },
    };
    const suite = { name: 'bare', users: { buyer: { flow: { buy: {} } } } };
    expect(applyScenarioFile(suite, file).mistakes.map(({ expected }) => expected)).toEqual([
      'no cache_hit_rate, since the suite bare has no rate cache_hits',
    ]);
    const scenarios = 'scenarios: { rush: { concurrent_users: 1, test_duration_seconds: 1 } }';
    const withCode = await write('c.yaml', `suite: jorge\n${scenarios}\n`);
    await expect(loadSuite(withCode, { env: {} })).rejects.toThrow('which is a suite with code');
  });
});
