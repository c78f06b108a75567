// Mistakes in monitors, alerts, outputs, and in thresholds on what monitors read.
import { describe, expect, test } from 'vitest';
import type { Mistake } from '../model/errors.ts';
import { findMistakes } from './schema.ts';

const smoke = { executor: 'constant-vus', vus: 1, duration: '1s' };
const suiteWith = (changes: Record<string, unknown>): unknown => ({
  name: 'shop',
  users: { buyer: { tasks: { price: { run: () => {} } } } },
  profiles: { smoke },
  ...changes,
});
const only = (changes: Record<string, unknown>): Mistake => {
  const mistakes = findMistakes(suiteWith(changes));
  expect(mistakes, JSON.stringify(mistakes)).toHaveLength(1);
  return mistakes[0]!;
};
const monitors = { postgres: { kind: 'postgres' }, machine: { kind: 'host' } };

test('what is right is no mistake', () => {
  const sound = suiteWith({
    monitors: {
      ...monitors,
      shop: { kind: 'process', port: 8000, metrics: '/metrics', interval: '100ms', timeout: 500, share: 1 },
      cache: { kind: 'redis', url: 'rediss://:p@h:6379/2', optional: true, title: 'sessions' },
      page: {
        kind: 'prometheus',
        headers: { authorization: 'Bearer x' },
        select: {
          requests: 'http_requests_total',
          slow: { metric: 'latency', as: 'quantile', quantile: 0.95, scale: 1000, unit: 'ms' },
        },
      },
      query: { kind: 'prometheus-query', url: 'http://127.0.0.1:9090', queries: { up: 'sum(up)' } },
      health: { kind: 'http', url: '/health', expect: { status: [200, 204] }, figures: { queue: 'a.b' } },
      pushed: { kind: 'otlp', select: { busy: 'workers.busy' } },
      generator_host: { kind: 'host', interval: '1s' },
    },
    thresholds: {
      monitor_postgres_size_bytes: ['max<10GB', 'growth<100MB/h', 'last<1GiB', 'count>3', 'value<5GB'],
      monitor_postgres_deadlocks: ['count<1', 'rate<10/min'],
      monitor_machine_cpu_ratio: ['avg<80%', 'share_above(90%)<5%', 'p(95)<1'],
      monitor_page_slow: ['max<2s'],
      monitor_generator_rss_bytes: ['max<4GB'],
    },
    alerts: {
      busy: { warning: 'monitor_machine_cpu_ratio > 80% and http_req_duration p(95) > 200ms for 2 minutes' },
      failing: { warning: 'http_req_failed > 1%', critical: 'http_req_failed > 10% for 30s', abort: true },
      deadlocks: { critical: 'monitor_postgres_deadlocks > 10/min', hysteresis: 0, respond: ['Look.'] },
    },
    outputs: [
      { kind: 'prometheus' },
      { kind: 'prometheus-remote-write', url: 'http://127.0.0.1:9090/api/v1/write', interval: '1s' },
      { kind: 'otlp', url: 'https://127.0.0.1:4318/v1/metrics', headers: { a: 'b' } },
      { kind: 'influx', url: 'udp://127.0.0.1:8094' },
      { kind: 'json', file: 'out.jsonl' },
      { kind: 'webhook', url: 'https://hooks.example.com/x', format: 'slack' },
    ],
  });
  expect(findMistakes(sound)).toEqual([]);
});

describe('in monitors', () => {
  test('an unknown kind has the nearest one', () => {
    expect(only({ monitors: { db: { kind: 'postgre' } } })).toEqual({
      path: 'monitors.db.kind',
      expected: expect.stringContaining('host, process, postgres, redis, prometheus') as string,
      found: '"postgre"',
      suggestion: 'postgres',
    });
  });

  test('an unknown key has the nearest one', () => {
    expect(only({ monitors: { db: { kind: 'postgres', ulr: 'postgresql://h/x' } } })).toMatchObject({
      path: 'monitors.db.ulr',
      suggestion: 'url',
    });
  });

  test.each<[string, unknown, string, RegExp]>([
    ['my-db', { kind: 'postgres' }, 'monitors.my-db', /^a name of letters, digits and _/],
    ['db', { kind: 'postgres', interval: '50ms' }, 'monitors.db.interval', /^a duration of at least 100ms/],
    ['db', { kind: 'postgres', interval: 'soon' }, 'monitors.db.interval', /^a duration such as/],
    ['db', { kind: 'postgres', share: 0 }, 'monitors.db.share', /^a share of the time above 0/],
    ['db', { kind: 'postgres', url: 'mysql://h/x' }, 'monitors.db.url', /URL of a PostgreSQL database/],
    ['db', { kind: 'redis', url: 'http://h' }, 'monitors.db.url', /URL of a Redis server/],
    ['db', { kind: 'http', url: 'health' }, 'monitors.db.url', /^a path such as "\/health"/],
    ['db', { kind: 'http' }, 'monitors.db.url', /^a path such as "\/health"/],
    ['p', { kind: 'process', port: 1, pid: 2 }, 'monitors.p', /^one of port, pid, pidFile and name/],
    ['p', { kind: 'process', port: 70_000 }, 'monitors.p.port', /65535/],
    ['generator', { kind: 'host' }, 'monitors.generator', /^another name: .* always watched/],
    ['page', { kind: 'prometheus', select: {} }, 'monitors.page.select', /^at least one figure/],
    ['page', { kind: 'otlp' }, 'monitors.page.select', /^figures by name/],
    ['page', { kind: 'otlp', select: { 'a-b': 'c' } }, 'monitors.page.select.a-b', /^a name of letters/],
    [
      'page',
      { kind: 'otlp', select: { a: { metric: 'c', quantile: 95 } } },
      'monitors.page.select.a.quantile',
      /^a quantile/,
    ],
    ['db', 'postgres', 'monitors.db', /^a monitor such as/],
  ])('%s: %j', (name, monitor, path, expected) => {
    const mistake = only({ monitors: { [name]: monitor } });
    expect(mistake.path).toBe(path);
    expect(mistake.expected).toMatch(expected);
  });

  test('those of profiles and environments are checked as well', () => {
    const wrong = { monitors: { 'd-b': { kind: 'postgre' } } };
    const found = findMistakes(
      suiteWith({ profiles: { smoke: { ...smoke, ...wrong } }, environments: { staging: wrong } }),
    );
    expect(found.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['profiles.smoke.monitors.d-b.kind', 'environments.staging.monitors.d-b.kind']),
    );
  });

  test('selections that are none do not crash what looks at figures', () => {
    const select = { a: null, b: 5, c: { metrc: 'x' }, d: [] };
    const found = findMistakes(
      suiteWith({
        monitors: { page: { kind: 'prometheus', select }, later: { kind: 'otlp', select } },
        thresholds: { monitor_page_a: ['max<1'] },
        alerts: { one: { warning: 'monitor_page_b > 1' } },
      }),
    );
    const paths = found.map(({ path }) => path);
    for (const figure of ['a', 'b', 'd']) expect(paths).toContain(`monitors.page.select.${figure}`);
    expect(paths).toContain('monitors.later.select.c.metrc');
  });
});

describe('in thresholds on what monitors read', () => {
  test('an unknown figure has the nearest one', () => {
    expect(only({ monitors, thresholds: { monitor_postgres_conections: ['max<5'] } })).toMatchObject({
      path: 'thresholds.monitor_postgres_conections',
      suggestion: 'monitor_postgres_connections',
    });
  });

  test.each<[string, string, RegExp]>([
    ['monitor_postgres_size_bytes', 'max<100ms', /^a limit in a unit that fits the metric: B, kB, MB or GB/],
    ['monitor_postgres_size_bytes', 'growth<5%/h', /^a limit in a unit that fits/],
    ['monitor_postgres_longest_transaction_ms', 'max<5MB', /^a limit in a unit that fits the metric: ms, s/],
    ['monitor_machine_cpu_ratio', 'max<80ms', /^a limit in a unit that fits/],
    ['monitor_postgres_deadlocks', 'rate<5MB/s', /^a limit in a unit that fits/],
    ['monitor_postgres_connections', 'rate<5', /^an aggregation of a gauge: avg, min, max/],
    ['monitor_postgres_deadlocks', 'max<5', /^an aggregation of a counter: count or rate/],
    ['monitor_postgres_connections', 'p95<5', /^an expression such as/],
    ['monitor_machine_cpu_ratio', 'share_above<5%', /^an expression such as/],
  ])('%s: %s', (metric, expression, expected) => {
    const mistake = only({ monitors, thresholds: { [metric]: [expression] } });
    expect(mistake.path).toBe(`thresholds.${metric}[0]`);
    expect(mistake.expected).toMatch(expected);
  });

  test('tags: what monitors read has none', () => {
    const { path, expected } = only({
      monitors,
      thresholds: { 'monitor_postgres_connections{db:a}': ['max<5'] },
    });
    expect(path).toBe('thresholds["monitor_postgres_connections{db:a}"]');
    expect(expected).toMatch(/tag/);
  });

  test('a monitor that only another profile has', () => {
    const profiles = {
      one: { ...smoke, monitors },
      other: { ...smoke, thresholds: { monitor_postgres_connections: ['max<5'] } },
    };
    expect(only({ profiles }).path).toBe('profiles.other.thresholds.monitor_postgres_connections');
  });
});

describe('in alerts', () => {
  test.each<[unknown, string, RegExp]>([
    [{ title: 'nothing to watch' }, 'alerts.one', /^`warning`, `critical` or both/],
    [{ warning: 'http_req_duration > 5ms' }, 'alerts.one.warning', /^an aggregation after http_req_duration/],
    [{ warning: 'vus > 5', abort: true }, 'alerts.one.abort', /^`critical` as well/],
    [{ critical: 'monitor_postgres_size_bytes > 5ms' }, 'alerts.one.critical', /^a limit that fits .* 4GB/],
    [{ warning: 'monitor_machine_cpu_ratio max > 5%' }, 'alerts.one.warning', /without an aggregation/],
    [{ warning: 'monitor_postgres_connections{db:a} > 5' }, 'alerts.one.warning', /without tags/],
    [{ warning: 'http_req_duration p95 > 5ms' }, 'alerts.one.warning', /^an aggregation such as p\(95\)/],
    [{ warning: 'http_reqs p(95) > 5' }, 'alerts.one.warning', /^an aggregation of a counter/],
    [{ warning: 'http_req_failed > 1% for ever' }, 'alerts.one.warning', /^a duration such as "30s"/],
    [{ warning: 'cpu is busy' }, 'alerts.one.warning', /^a condition such as/],
    [{ warning: 5 }, 'alerts.one.warning', /^a rule such as/],
    [{ warning: 'vus > 5', hysteresis: 1 }, 'alerts.one.hysteresis', /^a share of the limit/],
    [{ warning: 'vus > 5', respond: 'Look.' }, 'alerts.one.respond', /^sentences/],
  ])('%j', (alert, path, expected) => {
    const mistake = only({ monitors, alerts: { one: alert } });
    expect(mistake.path).toBe(path);
    expect(mistake.expected).toMatch(expected);
  });

  test('an unknown metric and an unknown key have the nearest one', () => {
    const alerts = { one: { warning: 'monitor_postgres_conections > 5 for 3s' } };
    expect(only({ monitors, alerts })).toMatchObject({
      path: 'alerts.one.warning',
      suggestion: 'monitor_postgres_connections',
    });
    expect(only({ alerts: { one: { warnign: 'vus > 5', critical: 'vus > 9' } } })).toMatchObject({
      path: 'alerts.one.warnign',
      suggestion: 'warning',
    });
  });
});

describe('in outputs', () => {
  test('an unknown kind and an unknown key have the nearest one', () => {
    expect(only({ outputs: [{ kind: 'prometheu' }] })).toMatchObject({
      path: 'outputs[0].kind',
      suggestion: 'prometheus',
    });
    expect(only({ outputs: [{ kind: 'json', file: 'a', fiel: 'b' }] })).toMatchObject({
      path: 'outputs[0].fiel',
      suggestion: 'file',
    });
  });

  test.each<[unknown, string, RegExp]>([
    [{ kind: 'otlp' }, 'outputs[0].url', /^a URL such as/],
    [{ kind: 'webhook', url: 'ftp://h' }, 'outputs[0].url', /^a URL such as "https:/],
    [{ kind: 'json' }, 'outputs[0].file', /^the name of a file/],
    [{ kind: 'influx', url: 'http://h', interval: '10ms' }, 'outputs[0].interval', /at least 100ms/],
    [{ kind: 'webhook', url: 'http://h', format: 'teams' }, 'outputs[0].format', /"json" or "slack"/],
    [{ kind: 'prometheus', port: -1 }, 'outputs[0].port', /65535/],
    ['json', 'outputs[0]', /^an output such as/],
  ])('%j', (output, path, expected) => {
    const mistake = only({ outputs: [output] });
    expect(mistake.path).toBe(path);
    expect(mistake.expected).toMatch(expected);
  });
});
