import { describe, expect, test } from 'vitest';
import { UsageError } from '../model/errors.ts';
import type { MonitorDefinition } from '../model/monitor-settings.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { monitorsOf } from './monitors.ts';
import { makePlan } from './plan.ts';

const run = (): void => {};
const profile = { executor: 'constant-vus', vus: 1, duration: '1s' } as const;

function suiteWith(
  monitors: Record<string, MonitorDefinition>,
  changes: Partial<SuiteDefinition> = {},
): SuiteDefinition {
  return {
    name: 'shop',
    users: { buyer: { tasks: { price: { run } } } },
    profiles: { smoke: profile },
    monitors,
    ...changes,
  };
}

function planned(monitors: Record<string, MonitorDefinition>, where: Parameters<typeof monitorsOf>[2] = {}) {
  const { plans, ...rest } = monitorsOf(suiteWith(monitors), 'smoke', where);
  return { ...rest, plans: Object.fromEntries(plans.map((plan) => [plan.name, plan])) };
}

const options = { workers: 1, seed: 1, environment: 'local' };
const base = 'http://127.0.0.1:8000/shop/';

describe('plans of monitors', () => {
  test('have their defaults, and what was said in ms', () => {
    const { plans } = planned({
      a: { kind: 'host' },
      b: { kind: 'host', interval: '500ms', timeout: '10s', share: 0.5, title: 'here' },
    });
    const common = ({ title, intervalMs, timeoutMs, share }: (typeof plans)[string]) => [
      ...[title, intervalMs, timeoutMs, share],
    ];
    expect(common(plans.a!)).toEqual(['this machine', 5000, 2000, 0.1]);
    expect(common(plans.b!)).toEqual(['here', 500, 10_000, 0.5]);
    expect(plans.generator).toMatchObject({ title: 'load generator', source: { kind: 'process' } });
  });

  test('take what they do not say from the suite’s address and from the target that serves it', () => {
    const monitors = {
      app: { kind: 'process' },
      db: { kind: 'postgres' },
      cache: { kind: 'redis' },
      health: { kind: 'http', url: 'health', expect: { status: 204 } },
      page: { kind: 'prometheus', select: { requests: 'requests_total' } },
    } as const;
    const targetParts = {
      postgres: 'postgresql://me:hidden@127.0.0.1:5433/shop',
      redis: 'redis://127.0.0.1:6380',
    };
    const { plans, secrets, leftOut } = planned(monitors, { baseUrl: base, targetParts });
    expect(leftOut).toEqual([]);
    expect(plans.app?.source).toEqual({ kind: 'process', children: true, port: 8000 });
    expect(plans.db?.source).toEqual({
      ...{ kind: 'postgres', url: 'postgresql://127.0.0.1:5433/shop', slowStatementMs: 1000 },
    });
    expect(secrets.db?.url).toBe(targetParts.postgres);
    expect(plans.cache?.source).toMatchObject({ url: 'redis://127.0.0.1:6380' });
    expect(plans.health?.source).toMatchObject({ url: `${base}health`, statuses: [204] });
    expect(plans.page?.source).toMatchObject({ url: 'http://127.0.0.1:8000/metrics' });
    expect(JSON.stringify(plans)).not.toContain('hidden');
  });

  test.each<[string, MonitorDefinition, string | undefined]>([
    ['a database nobody knows of', { kind: 'postgres' }, base],
    ['a cache nobody knows of', { kind: 'redis' }, base],
    ['a process on another machine', { kind: 'process' }, 'http://10.0.0.5:8000'],
    ['a page relative to nothing', { kind: 'http', url: '/health' }, undefined],
  ])('refuse %s, or leave it out where it is optional', (_, monitor, baseUrl) => {
    const where = baseUrl === undefined ? {} : { baseUrl };
    expect(() => planned({ it: monitor }, where)).toThrow(UsageError);
    const { plans, leftOut } = planned({ it: { ...monitor, optional: true } }, where);
    expect(leftOut.map(({ monitor: name }) => name)).toEqual(['it']);
    expect(plans).not.toHaveProperty('it');
  });

  test.each([
    ['https://localhost', 443],
    ['http://[::1]', 80],
    ['http://127.0.0.1:81/x', 81],
  ])('watch the process behind %s by port %i', (baseUrl, port) => {
    expect(planned({ app: { kind: 'process' } }, { baseUrl }).plans.app?.source).toMatchObject({ port });
  });
});

describe('a plan', () => {
  const select = { length: 'queue_length' };

  test('judges nothing of a monitor that is left out, and all of one with a longer name', () => {
    const suite = suiteWith(
      {
        db: { kind: 'postgres', optional: true },
        db_replica: { kind: 'prometheus', url: 'http://127.0.0.1:9187/metrics', select },
      },
      {
        thresholds: { monitor_db_connections: ['max<5'], monitor_db_replica_length: ['max<5'] },
        alerts: {
          full: { warning: 'monitor_db_connections > 5' },
          long: { warning: 'monitor_db_replica_length > 5' },
        },
      },
    );
    const plan = makePlan(suite, 'smoke', options);
    expect(plan.thresholds.map(({ metric }) => metric)).toEqual(['monitor_db_replica_length']);
    expect(plan.alerts?.map(({ name }) => name)).toEqual(['long']);
  });

  test('cannot be made with thresholds on what this profile does not measure', () => {
    const monitors = { queue: { kind: 'prometheus', url: 'http://127.0.0.1:1/metrics', select } } as const;
    const suite = suiteWith(
      {},
      {
        profiles: { smoke: { ...profile, monitors }, peak: profile },
        thresholds: { monitor_queue_length: ['max<5'] },
      },
    );
    expect(makePlan(suite, 'smoke', options).thresholds).toHaveLength(1);
    expect(() => makePlan(suite, 'peak', options)).toThrow(
      /threshold on monitor_queue_length cannot be judged: profile peak does not measure/,
    );
    const alerted = { ...suite, thresholds: {}, alerts: { long: { warning: 'monitor_queue_length > 5' } } };
    expect(() => makePlan(alerted, 'peak', options)).toThrow(UsageError);
  });
});
