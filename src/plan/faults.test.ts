import { describe, expect, it } from 'vitest';
import type { FaultDefinition } from '../model/fault.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { describePlan } from './describe.ts';
import { behindProxy, faultActions, faultsAt } from './faults.ts';
import { makePlan } from './plan.ts';

function suiteWith(
  faults: Readonly<Record<string, FaultDefinition>>,
  thresholds: NonNullable<SuiteDefinition['thresholds']> = {},
): SuiteDefinition {
  return {
    name: 'shop',
    baseUrl: 'http://localhost:8100',
    users: { visitor: { tasks: { home: { requests: [{ url: '/' }] } } } },
    proxies: { api: { listen: 8100, to: 'http://127.0.0.1:8000' } },
    processes: { api: { command: ['node', 'api.js'], ready: 'http://127.0.0.1:8000/health' } },
    monitors: { target: { kind: 'http', url: '/health' } },
    profiles: { drill: { executor: 'constant-vus', vus: 1, duration: '1m', faults, thresholds } },
  };
}
const planOf = (...given: Parameters<typeof suiteWith>) =>
  makePlan(suiteWith(...given), 'drill', { workers: 1, seed: 1, environment: 'local' });

const slow: FaultDefinition = {
  ...{ kind: 'latency', proxy: 'api', at: '20s', for: '5s', delay: '1s', jitter: '200ms' },
  expect: { othersFlat: { affected: ['home'] }, recovery: '10s', cost: '30%' },
};
const secret: FaultDefinition = {
  ...{ kind: 'switch', at: '5s', for: '2500ms' },
  start: { method: 'PUT', url: 'http://user:word@127.0.0.1:9000/bad?token=abc', headers: { 'x-key': 'k' } },
  end: { url: 'http://127.0.0.1:9000/good' },
};

describe('a plan with faults', () => {
  it('has them ascending, in numbers, without secrets', () => {
    const { faults } = planOf({ slow, secret });
    expect(faults).toEqual([
      {
        ...{ name: 'secret', title: 'secret', kind: 'switch', atMs: 5000, forMs: 2500, expect: [] },
        ...{ on: 'PUT http://127.0.0.1:9000/bad', place: { host: '127.0.0.1', port: 9000 } },
      },
      {
        ...{ name: 'slow', title: 'slow', kind: 'latency', atMs: 20_000, forMs: 5000, proxy: 'api' },
        ...{ on: 'proxy api before 127.0.0.1:8000', place: { host: '127.0.0.1', port: 8000 } },
        ...{ delayMs: 1000, jitterMs: 200 },
        expect: [
          { kind: 'others-flat', affected: ['home'], mostRatio: 0.01 },
          { kind: 'cost', mostRatio: 0.3 },
          { kind: 'recovery', withinMs: 10_000 },
        ],
      },
    ]);
    expect(faultActions({ secret }).get('secret')).toEqual({
      on: 'http',
      start: secret.start,
      end: secret.end,
    });
  });

  it('watches what stands behind a proxy', () => {
    const { monitors } = planOf({ slow });
    expect(monitors?.find(({ name }) => name === 'target')?.source).toMatchObject({
      url: 'http://127.0.0.1:8000/health',
    });
    expect(behindProxy('http://127.0.0.1:8101', suiteWith({}))).toBe('http://127.0.0.1:8101');
  });

  it('puts a proxy before the base URL, whatever that is', () => {
    const suite = suiteWith({});
    const drill = {
      ...suite.profiles.drill!,
      proxies: { network: {} },
      faults: { cut: { kind: 'reset', proxy: 'network', at: 0, for: '1s' } },
    } as const;
    const options = { workers: 1, seed: 1, environment: 'local' };
    const withDrill = { ...suite, profiles: { drill } };
    const plan = makePlan(withDrill, 'drill', { ...options, baseUrl: 'https://shop.test/api' });
    const to = { host: 'shop.test', port: 443 };
    expect(plan.proxies?.at(-1)).toEqual({
      ...{ name: 'network', listen: { host: '127.0.0.1', port: 0 }, to, isBeforeLoad: true },
    });
    expect(plan.faults).toMatchObject([{ on: 'proxy network before shop.test:443', place: to }]);
    const { baseUrl: _, monitors: __, ...homeless } = withDrill;
    expect(() => makePlan(homeless, 'drill', options)).toThrow(
      'stands before the base URL, which is not set',
    );
  });

  it('lists them for people, also those that never begin', () => {
    const text = describePlan(planOf({ slow, late: { kind: 'kill', process: 'api', at: '2m' } }));
    expect(text).toContain('  proxy api  127.0.0.1:8100 leads to 127.0.0.1:8000');
    expect(text).toContain('  process api  node api.js');
    expect(text).toContain('  20s to 25s  slow  latency on proxy api before 127.0.0.1:8000');
    expect(text).toContain('      expects as before within 10s of its end');
    expect(text).toContain('  from 2m on (never: the load is over by then)  late  kill on process api');
  });

  it('judges thresholds on the time of a fault, and on the times without', () => {
    const thresholds = {
      'http_req_failed{fault:secret}': ['rate<0.5'],
      'http_req_failed{fault:none}': ['rate<0.01'],
    };
    const [during, outside] = planOf({ slow, secret }, thresholds).thresholds;
    expect(during!.windows).toEqual({
      ...{ lengthMs: 3000, withinMs: 0, share: 1 },
      stage: { fromMs: 5000, untilMs: 8000 },
    });
    expect(outside!.windows).toEqual({
      ...{ lengthMs: 25_000, withinMs: 0, share: 1 },
      outside: [
        { fromMs: 0, untilMs: 5000 },
        // Faults show for a second after their end, or for as long as recovery may take.
        { fromMs: 9000, untilMs: 20_000 },
        { fromMs: 35_000, untilMs: 60_000 },
      ],
    });
  });

  it('has no time without faults when one begins at once and stays', () => {
    const gone: FaultDefinition = { kind: 'kill', process: 'api', at: 0 };
    expect(() => planOf({ gone }, { 'http_req_failed{fault:none}': ['rate<0.01'] })).toThrow(
      'there is no time without faults',
    );
  });
});

describe('faultsAt', () => {
  const drill: Record<string, FaultDefinition> = {
    down: {
      kind: 'switch',
      at: '5s',
      for: '5s',
      start: { method: 'PUT', url: '/admin/crm', json: { mode: 'down' } },
      end: { method: 'PUT', url: 'http://127.0.0.1:9000/admin/crm' },
    },
    cold: { kind: 'flush', at: '20s', request: { method: 'POST', url: '/flush' } },
    gone: { kind: 'kill', at: '30s', process: 'shop' },
  };

  it('puts paths behind the base URL, and leaves URLs as they are', () => {
    expect(faultsAt(drill, 'http://127.0.0.1:8000/api/')).toEqual({
      ...drill,
      down: {
        ...drill.down,
        start: { method: 'PUT', url: 'http://127.0.0.1:8000/api/admin/crm', json: { mode: 'down' } },
      },
      cold: { ...drill.cold, request: { method: 'POST', url: 'http://127.0.0.1:8000/api/flush' } },
    });
  });

  it('needs a base URL where there are paths', () => {
    expect(() => faultsAt(drill, undefined)).toThrow('faults.down: /admin/crm is relative to baseUrl');
    expect(faultsAt(undefined, undefined)).toEqual({});
  });
});
