import { describe, expect, test } from 'vitest';
import { findMistakes } from './schema.ts';

const run = async (): Promise<void> => {};
const profile = { executor: 'constant-vus', vus: 1, duration: '1s' };

function mistakesOf(changes: Record<string, unknown>, inProfile: Record<string, unknown> = {}) {
  return findMistakes({
    name: 'shop',
    users: { buyer: { tasks: { price: { run } } } },
    profiles: { smoke: { ...profile, ...inProfile }, peak: profile },
    ...changes,
  });
}

function only(changes: Record<string, unknown>, inProfile?: Record<string, unknown>) {
  const mistakes = mistakesOf(changes, inProfile);
  expect(mistakes).toHaveLength(1);
  return mistakes[0]!;
}

describe('monitors', () => {
  test('of every kind are fine as they should be', () => {
    const select = { requests: 'http_requests_total', p95: { metric: 'duration', quantile: 0.95 } };
    const monitors = {
      machine: { kind: 'host', interval: '1s', share: 0.05 },
      generator_host: { kind: 'host' },
      app: { kind: 'process', port: 8000 },
      db: { kind: 'postgres', slowStatement: '500ms', optional: true },
      cache: { kind: 'redis', url: 'redis://127.0.0.1:6379' },
      page: { kind: 'prometheus', select },
      query: { kind: 'prometheus-query', url: 'http://127.0.0.1:9090', queries: { up: 'up' } },
      health: { kind: 'http', url: '/health', figures: { queue: 'queue.length' } },
      telemetry: { kind: 'otlp', port: 4318, select },
    };
    const environments = { staging: { baseUrl: 'http://staging', monitors: { db: { kind: 'postgres' } } } };
    expect(mistakesOf({ monitors, environments })).toEqual([]);
  });

  test.each([
    ['a name that makes no metric', { 'my-db': { kind: 'redis' } }, 'monitors.my-db', 'a name of letters'],
    [
      'the name of the load generator',
      { generator: { kind: 'redis' } },
      'monitors.generator',
      'another name',
    ],
    [
      'the name of its machine for something else',
      { generator_host: { kind: 'redis' } },
      'monitors.generator_host',
      'another name',
    ],
    [
      'two ways to find a process',
      { app: { kind: 'process', port: 1, pid: 2 } },
      'monitors.app',
      'one of port',
    ],
    [
      'nothing to select',
      { page: { kind: 'prometheus', select: {} } },
      'monitors.page.select',
      'at least one',
    ],
    [
      'a figure with a name that makes no metric',
      { page: { kind: 'prometheus', select: { 'a-b': 'c' } } },
      'monitors.page.select.a-b',
      'a name of letters',
    ],
    [
      'a figure that a health probe has already',
      { page: { kind: 'http', url: '/', figures: { up: 'db.up' } } },
      'monitors.page.figures.up',
      'not taken',
    ],
    [
      'a quantile without a number',
      { page: { kind: 'prometheus', select: { p95: { metric: 'd', as: 'quantile' } } } },
      'monitors.page.select.p95',
      '`quantile`',
    ],
    [
      'a quantile of something else',
      { page: { kind: 'otlp', select: { p95: { metric: 'd', as: 'average', quantile: 0.95 } } } },
      'monitors.page.select.p95.as',
      '"quantile"',
    ],
    [
      'metrics that two monitors would have',
      {
        a: { kind: 'prometheus', select: { b_c: 'x' } },
        a_b: { kind: 'prometheus', select: { c: 'x' } },
      },
      'monitors.a_b',
      'monitor_a_b_c is also a metric of the monitor a',
    ],
  ])('%s', (_, monitors, path, expected) => {
    const mistake = only({ monitors });
    expect(mistake.path).toBe(path);
    expect(mistake.expected).toContain(expected);
  });

  test('of environments and profiles are looked at as well', () => {
    const broken = { monitors: { app: { kind: 'process', port: 1, pid: 2 } } };
    expect(only({ environments: { staging: broken } }).path).toBe('environments.staging.monitors.app');
    expect(only({}, broken).path).toBe('profiles.smoke.monitors.app');
  });
});

describe('thresholds and alerts', () => {
  const monitors = { queue: { kind: 'prometheus', select: { length: 'queue_length' } } };
  const limited = { thresholds: { monitor_queue_length: ['max<5'] } };

  test('may name the monitors of the suite and of their own profile, not those of another', () => {
    expect(mistakesOf({ monitors }, limited)).toEqual([]);
    expect(mistakesOf({}, { monitors, ...limited })).toEqual([]);
    const other = only({ profiles: { smoke: { ...profile, monitors }, peak: { ...profile, ...limited } } });
    expect(other.path).toBe('profiles.peak.thresholds.monitor_queue_length');
    expect(only({ ...limited }, { monitors }).path).toBe('thresholds.monitor_queue_length');
  });

  test('on monitors have no tag but the scenario', () => {
    const on = (key: string) => mistakesOf({ monitors, thresholds: { [key]: ['max<5'] } });
    expect(on('monitor_queue_length{scenario:default}')).toEqual([]);
    expect(on('monitor_queue_length{task:price}')[0]?.expected).toContain('at most the tag scenario');
  });

  test.each([
    [{ title: 'Busy' }, 'alerts.busy', '`warning`, `critical` or both'],
    [{ warning: 'vus > 5', abort: true }, 'alerts.busy.abort', '`critical` as well'],
    [{ warning: 'vus > 5 for ever' }, 'alerts.busy.warning', 'a duration'],
    [{ critical: 'monitor_queue_lenght > 5' }, 'alerts.busy.critical', 'a metric'],
  ])('%j is no alert', (busy, path, expected) => {
    const mistake = only({ monitors, alerts: { busy } });
    expect(mistake.path).toBe(path);
    expect(mistake.expected).toContain(expected);
    if (expected === 'a metric') expect(mistake.suggestion).toBe('monitor_queue_length');
  });
});
