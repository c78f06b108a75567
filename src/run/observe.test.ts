import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createJudge } from '../judge/judge.ts';
import { limitOn, planWith, recordRequest, windowOf } from '../metrics/collector.cases.ts';
import { createCollector } from '../metrics/collector.ts';
import type { AlertPlan } from '../model/alert.ts';
import type { MonitorReport } from '../model/monitor.ts';
import type { MonitorPlan } from '../model/monitor-settings.ts';
import type { Plan } from '../model/plan.ts';
import { createRunLog } from '../store/run-log.ts';
import { createObserver } from './observe.ts';
import type { RunEvent } from './run-event.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const monitor: MonitorPlan = {
  ...{ name: 'db', title: 'db', intervalMs: 1000, timeoutMs: 1000, share: 0.1, source: { kind: 'host' } },
  figures: { cpu_ratio: { type: 'gauge', unit: 'ratio', title: 'CPU' } },
};
const alert: AlertPlan = {
  ...{ name: 'busy', title: 'CPU is busy', hysteresis: 0.05, respond: [], abort: true },
  rules: [
    {
      level: 'critical',
      expression: 'monitor_db_cpu_ratio > 80%',
      conditions: [{ metric: 'monitor_db_cpu_ratio', tags: {}, operator: '>', limit: 0.8, unit: 'ratio' }],
      forMs: 0,
    },
  ],
};

function observe(changes: Partial<Plan>) {
  const folder = mkdtempSync(join(tmpdir(), 'observe-'));
  folders.push(folder);
  const plan = planWith({ monitors: [monitor], ...changes });
  const collector = createCollector(plan);
  const judge = createJudge(plan, collector);
  const log = createRunLog(join(folder, 'run.log'));
  const aborts: string[] = [];
  const events: RunEvent[] = [];
  const observer = createObserver(plan, {
    ...{ collector, judge, log, journal: undefined, companions: [] },
    onEvent: (event) => events.push(event),
    abort: (reason) => aborts.push(reason),
  });
  const logged = () => readFileSync(join(folder, 'run.log'), 'utf8').trim().split('\n');
  const finish = (durationMs: number) => judge.finish(collector.finish(durationMs));
  return { finish, collector, judge, observer, aborts, events, logged };
}

function sample(atMs: number, cpu: number): MonitorReport {
  return {
    kind: 'sample',
    sample: { monitor: 'db', atMs, values: { cpu_ratio: cpu }, gains: {} },
    readingMs: 1,
  };
}

describe('an observer', () => {
  test('ends the run once for a critical alert that may, and the record says so', () => {
    const { finish, observer, aborts, events } = observe({ alerts: [alert] });
    for (const [atMs, cpu] of [
      [0, 0.5],
      [1000, 0.9],
      [2000, 0.1],
      [3000, 0.9],
    ] as const) {
      observer.report(sample(atMs, cpu));
    }
    expect(aborts).toEqual(['alert busy is critical: CPU is busy']);
    const told = events.flatMap((event) => (event.kind === 'alert' ? [event.transition] : []));
    expect(told.map(({ state, abort }) => [state, abort])).toEqual([
      ...[
        ['firing', true],
        ['resolved', false],
        ['firing', false],
      ],
    ]);
    expect(finish(4000).alerts).toMatchObject([{ aborted: true, episodeCount: 2 }]);
  });

  test('ends nothing that is over: neither for an alert nor for a threshold', () => {
    const thresholds = [limitOn('monitor_db_cpu_ratio', 'last', '<', 0.8, { abortOnFail: true })];
    const { finish, observer, aborts } = observe({ alerts: [alert], thresholds });
    observer.report(sample(0, 0.5));
    observer.ending();
    observer.report(sample(1000, 0.9));
    expect(aborts).toEqual([]);
    const { alerts, metrics } = finish(1000);
    expect(alerts).toMatchObject([{ aborted: false, episodeCount: 1 }]);
    expect(metrics.monitor_db_cpu_ratio?.thresholds).toMatchObject({
      'last<0.8': { ok: false, aborted: false },
    });
  });

  test('knows a run that stands badly: a critical alert fires, or a threshold is broken', () => {
    const thresholds = [limitOn('monitor_db_cpu_ratio', 'max', '<', 0.95)];
    const { judge, observer } = observe({ alerts: [alert], thresholds });
    expect(judge.standsBadly()).toBe(false);
    const stands = [0.5, 0.9, 0.5, 0.97, 0.5].map((cpu, i) => {
      observer.report(sample(1000 * i, cpu));
      return judge.standsBadly();
    });
    // The alert is over by the third, and the greatest value stays beyond its limit from the fourth on.
    expect(stands).toEqual([false, true, false, true, true]);
  });

  test('ends a run for a threshold on a monitor, and marks it', () => {
    const thresholds = [limitOn('monitor_db_cpu_ratio', 'last', '<', 0.8, { abortOnFail: true })];
    const { finish, observer, aborts } = observe({ thresholds });
    observer.report(sample(1000, 0.9));
    expect(aborts).toEqual(['threshold monitor_db_cpu_ratio: last<0.8 does not hold']);
    const { metrics } = finish(1000);
    expect(metrics.monitor_db_cpu_ratio?.thresholds).toMatchObject({ 'last<0.8': { aborted: true } });
  });

  test('does not take a monitor that is ahead of the load for a load that is slow', () => {
    const thresholds = [limitOn('http_reqs', 'rate', '>', 9, { abortOnFail: true })];
    const { collector, observer, aborts } = observe({ thresholds });
    const tags = { scenario: 'main' };
    const window = windowOf(0, 0, (meter) => {
      for (let i = 0; i < 10; i++) recordRequest(meter, 10, false, tags);
    });
    collector.accept(window);
    observer.judge(1000);
    observer.report(sample(1900, 0.1));
    expect(aborts).toEqual([]);
  });

  test('logs where a gap begins and where it ends, and not each try', () => {
    const { observer, logged } = observe({});
    const failure = { kind: 'failure', monitor: 'db', reason: 'connection refused', readingMs: 1 } as const;
    for (const atMs of [0, 1000, 2000]) observer.report({ ...failure, atMs });
    observer.report(sample(3000, 0.1));
    observer.report(sample(4000, 0.1));
    observer.report({ kind: 'event', monitor: 'db', atMs: 5000, text: 'the server was restarted' });
    expect(logged().map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([
      ...['monitor db could not be read', 'monitor db can be read again'],
      'monitor db: the server was restarted',
    ]);
  });
});
