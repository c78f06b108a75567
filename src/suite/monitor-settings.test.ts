import { describe, expect, test } from 'vitest';
import type { MonitorDefinition } from '../model/monitor-settings.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { monitorMetrics, monitorSecrets, monitorSettings, reservedName } from './monitor-settings.ts';

function suiteWith(changes: Partial<SuiteDefinition>): SuiteDefinition {
  const profile = { executor: 'constant-vus', vus: 1, duration: '1s' } as const;
  return { name: 'shop', users: {}, profiles: { smoke: profile }, ...changes };
}

describe('monitorSettings', () => {
  test('takes a monitor of the profile in place of the suite’s of that name, and adds those of every run', () => {
    const suite = suiteWith({
      monitors: { db: { kind: 'postgres', interval: '1s' }, cache: { kind: 'redis' } },
      profiles: {
        smoke: {
          ...{ executor: 'constant-vus', vus: 1, duration: '1s' },
          monitors: { db: { kind: 'postgres', url: 'postgresql://other/db' } },
        },
      },
    });
    const settings = monitorSettings(suite, 'smoke');
    expect(Object.keys(settings)).toEqual(['db', 'cache', 'generator', 'generator_host']);
    expect(settings.db).toEqual({ kind: 'postgres', url: 'postgresql://other/db' });
  });

  test('does not watch this machine twice', () => {
    const here = suiteWith({ monitors: { machine: { kind: 'host' } } });
    const there = suiteWith({
      monitors: { machine: { kind: 'host', nodeExporter: 'http://db:9100/metrics' } },
    });
    expect(Object.keys(monitorSettings(here, 'smoke'))).toEqual(['machine', 'generator']);
    expect(Object.keys(monitorSettings(there, 'smoke'))).toContain('generator_host');
    expect(monitorMetrics(here.monitors)).not.toHaveProperty('monitor_generator_host_cpu_ratio');
    expect(monitorMetrics({})).toHaveProperty('monitor_generator_host_cpu_ratio');
  });
});

test('metrics of monitors are watched, and gauges among them sampled', () => {
  const metrics = monitorMetrics({ db: { kind: 'postgres' } });
  expect(metrics.monitor_db_connections).toEqual({
    ...{ type: 'gauge', contains: 'default', sampled: true, watched: true },
  });
  expect(metrics.monitor_db_deadlocks).toEqual({ type: 'counter', contains: 'default', watched: true });
});

test.each<[string, MonitorDefinition, boolean]>([
  ['generator', { kind: 'process' }, true],
  ['generator_host', { kind: 'redis' }, true],
  ['generator_host', { kind: 'host', nodeExporter: 'http://db:9100/metrics' }, true],
  ['generator_host', { kind: 'host', interval: '1s' }, false],
  ['generators', { kind: 'redis' }, false],
])('the name %s of %j is reserved: %s', (name, monitor, isReserved) => {
  expect(reservedName(name, monitor) !== undefined).toBe(isReserved);
});

test('what of a URL is secret goes to the monitor', () => {
  const url = 'postgresql://me:hidden@db/shop?password=hidden&sslmode=require';
  const headers = { authorization: 'Bearer x' };
  const monitors = { db: { kind: 'postgres' }, page: { kind: 'http', url: '/health', headers } } as const;
  expect(monitorSecrets(monitors, { db: url })).toEqual({ db: { url }, page: { headers } });
});
