import { describe, expect, test } from 'vitest';
import { AlertWatch } from '../judge/alert-watch.ts';
import { planWith } from '../metrics/collector.cases.ts';
import { MonitorBook } from '../metrics/monitor-book.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { makePlan } from '../plan/plan.ts';
import {
  aggregationSchema,
  alertPlanSchema,
  alertRecordSchema,
  monitorPlanSchema,
  monitorRecordSchema,
} from './monitor-schemas.ts';

const select = { requests: 'requests_total', p95: { metric: 'duration', quantile: 0.95, scale: 1000 } };
const suite: SuiteDefinition = {
  name: 'shop',
  baseUrl: 'http://127.0.0.1:8000',
  users: { buyer: { tasks: { price: { run: () => {} } } } },
  profiles: { smoke: { executor: 'constant-vus', vus: 1, duration: '1s' } },
  monitors: {
    machine: { kind: 'host' },
    other: { kind: 'host', nodeExporter: 'http://db:9100/metrics' },
    app: { kind: 'process', metrics: '/metrics' },
    db: { kind: 'postgres', url: 'postgresql://db/shop' },
    cache: { kind: 'redis', url: 'redis://cache' },
    page: { kind: 'prometheus', select },
    query: { kind: 'prometheus-query', url: 'http://prometheus:9090', queries: { up: 'up' } },
    health: { kind: 'http', url: '/health', expect: { status: 200, json: { ok: true } }, restart: 'pid' },
    telemetry: { kind: 'otlp', select },
  },
  alerts: {
    busy: {
      warning: 'monitor_machine_cpu_ratio > 80% and http_req_duration{task:price} p(95) > 1s for 30s',
      critical: 'monitor_db_deadlocks > 3/min',
      respond: ['Look.'],
    },
  },
};

describe('what is planned and kept of monitors and alerts', () => {
  const plan = makePlan(suite, 'smoke', { workers: 1, seed: 1, environment: 'local' });

  test('fits the schemas as a plan, for every kind', () => {
    expect(plan.monitors).toHaveLength(10);
    for (const monitor of plan.monitors!) expect(monitorPlanSchema.parse(monitor)).toEqual(monitor);
    for (const alert of plan.alerts!) expect(alertPlanSchema.parse(alert)).toEqual(alert);
    expect(aggregationSchema.safeParse({ kind: 'share_above' }).success).toBe(false);
  });

  test('fits the schemas as a record, with gaps beyond their bound, tables and events', () => {
    const book = new MonitorBook(planWith({ monitors: plan.monitors! }));
    const table = {
      ...{ name: 'slow', title: 'Slow', rows: [['SELECT ?', 12, null]] },
      columns: (['text', 'ms', 'count'] as const).map((unit) => ({ title: unit, unit })),
    };
    for (let i = 0; i < 1300; i++) {
      const atMs = i * 1000;
      const gains = { deadlocks: { by: 1, overMs: 1000 } };
      const sample = { monitor: 'db', atMs, values: { connections: i }, gains };
      book.accept({ kind: 'sample', sample, readingMs: 1, tables: [table] });
      book.accept({ kind: 'failure', monitor: 'db', atMs: atMs + 500, reason: 'gone', readingMs: 1 });
    }
    book.accept({ kind: 'event', monitor: 'db', atMs: 9, text: 'restarted' });
    const { db } = book.records();
    expect(db).toMatchObject({ gapCount: 1300, readingsPerEntry: 4 });
    expect(monitorRecordSchema.parse(db)).toEqual(db);
    const watch = new AlertWatch(plan.alerts!);
    watch.look(({ metric }) => (metric === 'monitor_db_deadlocks' ? { value: 1, atMs: 5 } : undefined), 5);
    const [alert] = watch.records(() => true);
    expect(alert).toMatchObject({ episodes: [{ level: 'critical', untilMs: null }] });
    expect(alertRecordSchema.parse(alert)).toEqual(alert);
  });
});
