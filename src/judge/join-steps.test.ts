import { describe, expect, test } from 'vitest';
import { limitOn, planWith, recordRequest, windowOf } from '../metrics/collector.cases.ts';
import type { AlertRecord } from '../model/alert.ts';
import type { MonitorReport } from '../model/monitor.ts';
import type { MonitorPlan } from '../model/monitor-settings.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import { collectPart, joinSteps, type StepWindows, stepOffsets } from './join-steps.ts';

const monitor: MonitorPlan = {
  ...{ name: 'db', title: 'db', intervalMs: 1000, timeoutMs: 1000, share: 0.1 },
  figures: {
    cpu_ratio: { type: 'gauge', unit: 'ratio', title: 'CPU' },
    queries: { type: 'counter', unit: 'count', title: 'queries' },
  },
  source: { kind: 'host' },
};

function sample(atMs: number, cpu: number): MonitorReport {
  const gains = atMs === 0 ? {} : { queries: { by: 10, overMs: 1000 } };
  return { kind: 'sample', sample: { monitor: 'db', atMs, values: { cpu_ratio: cpu }, gains }, readingMs: 1 };
}

const alert: AlertRecord = {
  ...{ name: 'busy', title: 'busy', rules: [], respond: [], aborted: false },
  episodes: [],
  episodeCount: 0,
};

/** Four seconds, one of them warm-up, with a reading each second and one when the load has ended. */
function step(name: string, cpu: number, changes: Partial<StepWindows> = {}): StepWindows {
  const tags = { scenario: name, task: 'price' };
  return {
    scenario: name,
    windows: [0, 1, 2, 3].map((second) =>
      windowOf(0, second * 1000, (meter) => recordRequest(meter, 10, false, tags)),
    ),
    reports: [0, 1000, 2000, 3000, 4005].map((atMs) => sample(atMs, atMs === 0 ? 1 : cpu)),
    alerts: [alert],
    durationMs: 4000,
    warmUpMs: 1000,
    ...changes,
  };
}

function scenario(name: string, startAtMs: number): ScenarioPlan {
  const executor = { kind: 'constant-vus', vus: 1, rampUpMs: 0, durationMs: 4000 } as const;
  return { name, startAtMs, executor, gracefulStopMs: 0, iterationTimeoutMs: 0, users: [], tags: {} };
}

function searchOf(...names: readonly string[]) {
  const adaptive = { from: 1, to: 9, precision: 0.1, warmUpMs: 1000 };
  return planWith({
    monitors: [monitor],
    alerts: [],
    scenarios: names.map((name, i) => scenario(name, i * 5000)),
    thresholds: names.map((name) =>
      limitOn('monitor_db_cpu_ratio', 'max', '<', 0.5, { tags: { scenario: name }, level: 'search' }),
    ),
    search: { unit: 'users', steps: names.map((name) => ({ scenario: name, load: 1 })), adaptive },
  });
}

describe('steps of a search', () => {
  test('are judged by what monitors read in them, without the warm-up, up to the reading after the load', () => {
    const plan = { ...searchOf('step-1'), search: undefined };
    const { search: _, ...own } = plan;
    const counted = collectPart(own, step('step-1', 0.4), 1000, 4000).metrics;
    const watched = counted['monitor_db_cpu_ratio{scenario:step-1}'];
    expect(watched?.thresholds).toMatchObject({ 'max<0.5': { ok: true, actual: 0.4 } });
    expect(watched?.values).toMatchObject({ count: 4 });
    // The reading at 1 s tells what was gained before; that after the load, what was gained at its end.
    expect(counted.monitor_db_queries?.values).toMatchObject({ count: 30 });
    const first = collectPart(own, step('step-1', 0.4), 1000, 2000).metrics;
    expect(first.monitor_db_cpu_ratio?.values).toMatchObject({ count: 1 });
  });

  test('follow one another in whole seconds, after the last that was read of each', () => {
    const slow = step('step-1', 0.4, { reports: [sample(0, 0.4), sample(6200, 0.4)] });
    expect(stepOffsets([step('step-1', 0.4), slow, step('step-3', 0.4)])).toEqual({
      startsMs: [0, 5000, 12_000],
      durationMs: 16_000,
    });
  });

  test('become one record in which each has its own readings', () => {
    const steps = [step('step-1', 0.4), step('step-2', 0.9)];
    const { metrics, monitors } = joinSteps(searchOf('step-1', 'step-2'), steps);
    const result = (name: string) =>
      metrics[`monitor_db_cpu_ratio{scenario:${name}}`]?.thresholds?.['max<0.5'];
    expect(result('step-1')).toMatchObject({ ok: true, actual: 0.4 });
    expect(result('step-2')).toMatchObject({ ok: false, actual: 0.9 });
    expect(monitors.db!.times).toEqual([0, 1000, 2000, 3000, 4005, 5000, 6000, 7000, 8000, 9005]);
    expect(metrics.http_reqs?.values).toMatchObject({ count: 8 });
  });

  test('keep the alerts that fired in each, at their time in the whole', () => {
    const firing = (untilMs: number | null): AlertRecord => ({
      ...alert,
      episodes: [{ level: 'critical', fromMs: 3000, untilMs, figures: [] }],
      episodeCount: 1,
      aborted: untilMs === null,
    });
    const steps = [firing(3500), firing(null), alert, firing(null)].map((one, i) =>
      step(`step-${i + 1}`, 0.4, { alerts: [one] }),
    );
    const { alerts } = joinSteps(searchOf('step-1', 'step-2', 'step-3', 'step-4'), steps);
    expect(alerts).toMatchObject([{ name: 'busy', episodeCount: 3, aborted: false }]);
    expect(alerts![0]!.episodes.map(({ fromMs, untilMs }) => [fromMs, untilMs])).toEqual([
      [3000, 3500],
      [8000, 9000],
      [18_000, null],
    ]);
  });

  test('have alerts that could not fire only where nothing was recorded in any of them', () => {
    const rule = { level: 'warning', expression: 'a and b' } as const;
    const without = (...unrecorded: string[]) => ({ ...alert, rules: [{ ...rule, unrecorded }] });
    const rulesOf = (...alerts: AlertRecord[]) => {
      const names = alerts.map((_, i) => `step-${i + 1}`);
      const steps = alerts.map((one, i) => step(names[i]!, 0.4, { alerts: [one] }));
      return joinSteps(searchOf(...names), steps).alerts![0]!.rules;
    };
    expect(rulesOf(without('a', 'b'), without('b'))).toEqual([{ ...rule, unrecorded: ['b'] }]);
    expect(rulesOf(without('a'), without('b'))).toEqual([rule]);
    expect(rulesOf({ ...alert, rules: [rule] }, without('a'))).toEqual([rule]);
  });

  test('have rates per second of their own time, and the whole of the time that was loaded', () => {
    // 40 requests in each step: 10 in each of its seconds. Steps begin 5 s apart, a second of which is pause.
    const busy = (name: string) =>
      step(name, 0.4, {
        windows: [0, 1, 2, 3].map((second) =>
          windowOf(0, second * 1000, (meter) => {
            for (let i = 0; i < 10; i++) recordRequest(meter, 10, false, { scenario: name, task: 'price' });
          }),
        ),
      });
    const plan = searchOf('step-1', 'step-2');
    const floors = ['step-1', 'step-2'].map((scenario) =>
      limitOn('http_reqs', 'rate', '>', 9, { tags: { scenario }, level: 'search' }),
    );
    const { metrics } = joinSteps({ ...plan, thresholds: floors }, [busy('step-1'), busy('step-2')]);
    expect(metrics.http_reqs?.values).toEqual({ count: 80, rate: 10 });
    for (const name of ['step-1', 'step-2']) {
      expect(metrics[`http_reqs{scenario:${name}}`]).toMatchObject({
        values: { count: 30, rate: 10 },
        thresholds: { 'rate>9': { ok: true, actual: 10 } },
      });
    }
  });

  test('count as their throughput nothing that ends when no load is driven any more', () => {
    const late = (name: string) =>
      step(name, 0.4, {
        windows: [0, 1, 2, 3, 4, 5].map((second) =>
          windowOf(0, second * 1000, (meter) =>
            recordRequest(meter, second < 4 ? 10 : 900, second >= 4, { scenario: name }),
          ),
        ),
      });
    const own = { ...searchOf('step-1'), durationMs: 4000, thresholds: [] };
    const { metrics } = joinSteps(own, [late('step-1')]);
    expect(metrics['http_reqs{scenario:step-1}']?.values).toEqual({ count: 3, rate: 1 });
    expect(metrics['http_reqs{scenario:wind-down}']?.values).toMatchObject({ count: 2 });
    // How long they took, and what became of them, belongs to the step that sent them.
    expect(metrics['http_req_duration{scenario:step-1}']?.values).toMatchObject({ count: 5, max: 900 });
    expect(metrics['http_req_failed{scenario:step-1}']?.values).toMatchObject({ passes: 2 });

    const { search: _, ...alone } = own;
    const part = collectPart(alone, late('step-1'), 1000, 4000).metrics;
    expect(part.http_reqs?.values).toEqual({ count: 3, rate: 1 });
    expect(part.http_req_duration?.values).toMatchObject({ count: 5 });
    // What must not exceed a limit counts whenever it happens.
    const ceiling = limitOn('http_reqs', 'count', '<', 4, { tags: { scenario: 'step-1' }, level: 'search' });
    const limited = collectPart({ ...alone, thresholds: [ceiling] }, late('step-1'), 1000, 4000);
    expect(limited.thresholds).toMatchObject([{ ok: false, actual: 5 }]);
  });

  test('of a search with one step only are told apart all the same', () => {
    const plan = { ...searchOf('step-1'), thresholds: [] };
    const { metrics } = joinSteps(plan, [step('step-1', 0.4, { warmUpMs: 0 })]);
    expect(metrics['http_reqs{scenario:step-1}']?.values).toMatchObject({ count: 4 });
  });
});
