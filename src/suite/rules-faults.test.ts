import { describe, expect, it } from 'vitest';
import { findMistakes } from './schema.ts';

/** The mistakes of a suite with these faults, as `path: expected`. */
function mistakesOf(faults: object, suite: object = {}, profile: object = {}): string[] {
  const whole = {
    name: 'shop',
    baseUrl: 'http://127.0.0.1:8000',
    users: { visitor: { tasks: { home: { requests: [{ url: '/' }] } } } },
    proxies: { crm: { listen: 9100, to: '127.0.0.1:9000' } },
    processes: { api: { command: ['node', 'api.js'], ready: '127.0.0.1:8000' } },
    monitors: { api: { kind: 'http', url: '/state', figures: { open: 'open' } } },
    metrics: { stale_reads: { type: 'rate' } },
    ...suite,
    profiles: { drill: { executor: 'constant-vus', vus: 1, duration: '1m', faults, ...profile } },
  };
  return findMistakes(whole).map(({ path, expected }) => `${path}: ${expected}`);
}

const down = { kind: 'refuse', proxy: 'crm', at: '10s', for: '5s' };

describe('faults', () => {
  it('of every kind are sound', () => {
    expect(
      mistakesOf({
        slow: { ...down, kind: 'latency', delay: '1s', jitter: '500ms' },
        narrow: { ...down, kind: 'bandwidth', bytesPerSec: 1000 },
        cut: { ...down, kind: 'reset' },
        down,
        hole: { ...down, kind: 'black-hole' },
        killed: { kind: 'kill', process: 'api', at: '20s', expect: { failover: '2s' } },
        stuck: { kind: 'pause', process: 'api', at: '1s', for: '2s' },
        renewed: { kind: 'restart', process: 'api', at: '3s' },
        bad: {
          kind: 'switch',
          at: '1s',
          for: '2s',
          start: { method: 'PUT', url: 'http://127.0.0.1:9000/bad', json: { failing: true } },
          end: { method: 'PUT', url: 'http://127.0.0.1:9000/good', headers: { authorization: 'Bearer x' } },
        },
        empty: { kind: 'flush', at: '1s', redis: 'redis://127.0.0.1:6379/0' },
        all: {
          ...down,
          for: '20s',
          title: 'Everything',
          expect: {
            reach: ['monitor_api_open == 1 within 5s', 'http_req_duration p(95) < 100ms within 10s'],
            return: ['monitor_api_open == 0 within 5s'],
            othersFlat: { affected: ['home'], most: '2%' },
            recovery: '30s',
            failover: '5s',
            noStale: { metric: 'stale_reads', after: '2s' },
            cost: '50%',
          },
        },
      }),
    ).toEqual([]);
  });

  it.each([
    [
      { down: { ...down, proxy: 'cmr' } },
      'profiles.drill.faults.down.proxy: a name in proxies of the suite or the profile: crm',
    ],
    [
      { gone: { kind: 'kill', process: 'app', at: 0, for: '1s' } },
      'profiles.drill.faults.gone.process: a name in processes of the suite or the profile: api',
    ],
    [{ down: { ...down, kind: 'lattency' } }, /^profiles.drill.faults.down.kind: a kind of fault: latency, /],
    [{ down: { ...down, for: undefined } }, /^profiles.drill.faults.down.for: /],
    [{ 'crm-down': down }, /^profiles.drill.faults.crm-down: a name of letters/],
    [{ empty: { kind: 'flush', at: 0 } }, 'profiles.drill.faults.empty: one of `redis` and `request`'],
    [
      { slow: { ...down, kind: 'latency', delay: '1s', jitter: '2s' } },
      /^profiles.drill.faults.slow.jitter: at most the delay/,
    ],
    [
      { gone: { kind: 'kill', process: 'api', at: 0, expect: { recovery: '5s' } } },
      /^profiles.drill.faults.gone.expect.recovery: no recovery, since without `for`/,
    ],
    [
      {
        stuck: { kind: 'pause', process: 'api', at: '5s', for: '2s' },
        gone: { kind: 'kill', process: 'api', at: '1s', for: '5s' },
      },
      'profiles.drill.faults.stuck.at: a time at which no other fault has the process api: gone has it then',
    ],
    [
      { down: { ...down, expect: { failover: '3s' } } },
      /^profiles.drill.faults.down.expect.failover: at least 3s less than `for`/,
    ],
    [
      { down: { ...down, expect: { reach: ['monitor_api_opn == 1 within 5s'] } } },
      /^profiles.drill.faults.down.expect.reach\[0\]: a metric that the suite has/,
    ],
    [
      { down: { ...down, expect: { reach: ['monitor_api_open == 1'] } } },
      /^profiles.drill.faults.down.expect.reach\[0\]: a condition and a time/,
    ],
    [
      { down: { ...down, expect: { reach: ['http_req_duration p(50) < 1s within 5s'] } } },
      /p\(90\), p\(95\) or p\(99\)/,
    ],
    [{ down: { ...down, expect: { reach: ['http_reqs{name:/} > 1 within 5s'] } } }, /without tags/],
    [
      { down: { ...down, expect: { noStale: { metric: 'stale', after: '1s' } } } },
      /^profiles.drill.faults.down.expect.noStale.metric: a rate in the metrics of the suite: stale_reads/,
    ],
    [{ down: { ...down, expect: { cost: 'much' } } }, /cost: a share such as "30%"/],
  ] as const)('%j are refused', (faults, expected) => {
    const mistakes = mistakesOf(faults);
    expect(mistakes).toHaveLength(1);
    if (typeof expected === 'string') expect(mistakes[0]).toBe(expected);
    else expect(mistakes[0]).toMatch(expected);
  });

  it('are not made in a capacity search', () => {
    const search = {
      ...{ executor: 'capacity-search', from: 10, step: 10, stepDuration: '10s', maxSteps: 3 },
      thresholds: { http_req_duration: ['p(95)<100'] },
    };
    const mistakes = mistakesOf({ down }, {}, { ...search, vus: undefined, duration: undefined });
    expect(mistakes.filter((one) => one.startsWith('profiles.drill.faults'))).toEqual([
      'profiles.drill.faults: no faults: a capacity search asks for what the system carries when all is well',
    ]);
  });

  it('are what thresholds of their profile may select, and no others', () => {
    const limits = (thresholds: object): string[] => mistakesOf({ down }, {}, { thresholds });
    expect(
      limits({ 'http_req_failed{fault:down}': ['rate<1'], 'http_req_failed{fault:none}': ['rate<1'] }),
    ).toEqual([]);
    expect(limits({ 'http_req_failed{fault:dwon}': ['rate<1'] })[0]).toContain(
      'fault to be a fault of the profile, or none: down or none',
    );
    expect(mistakesOf({ down }, { thresholds: { 'http_req_failed{fault:down}': ['rate<1'] } })[0]).toContain(
      'fault to be none',
    );
  });
});

describe('proxies and processes', () => {
  it('may be of a profile, and a proxy may stand before the base URL', () => {
    const faults = { front: { ...down, proxy: 'front' } };
    expect(mistakesOf(faults, {}, { proxies: { front: {} } })).toEqual([]);
    expect(mistakesOf({}, {}, { proxies: { front: { to: '127.0.0.1:1' } } })).toEqual([
      'profiles.drill.proxies.front: both `listen` and `to`, or neither: then it stands before the base URL',
    ]);
  });

  it.each([
    [
      { proxies: { crm: { listen: 0, to: '127.0.0.1:9000' } } },
      /^proxies.crm.listen: a port of this machine/,
    ],
    [
      { proxies: { crm: { listen: 9000, to: '127.0.0.1:9000' } } },
      'proxies.crm.listen: another address than `to`',
    ],
    [{ proxies: { crm: { listen: 9100, to: ':90' } } }, /^proxies.crm.to: an address/],
    [
      {
        proxies: {
          crm: { listen: 9100, to: 'http://127.0.0.1' },
          other: { listen: '127.0.0.1:9100', to: 'https://shop.test' },
        },
      },
      'proxies.other.listen: another address: the proxy crm listens there',
    ],
    [{ processes: { api: { command: [], ready: 'http://127.0.0.1' } } }, /^processes.api.command: a program/],
    [{ processes: { api: { command: ['node'], ready: 'soon' } } }, /^processes.api.ready: what answers/],
  ] as const)('%j are refused', (suite, expected) => {
    const mistakes = mistakesOf({}, suite);
    expect(mistakes).toHaveLength(1);
    if (typeof expected === 'string') expect(mistakes[0]).toBe(expected);
    else expect(mistakes[0]).toMatch(expected);
  });
});
