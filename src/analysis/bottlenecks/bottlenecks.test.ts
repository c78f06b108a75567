import { describe, expect, test } from 'vitest';
import { limitOn } from '../measurements.cases.ts';
import {
  badRun,
  findingOf,
  idle,
  idleBut,
  own,
  rising,
  rulesOf,
  runOf,
  watch,
} from './bottleneck-runs.cases.ts';
import { findBottlenecks } from './bottlenecks.ts';

const busyHost = (cpu = rising(0.5, 0.95)) =>
  watch('generator_host', {
    kind: 'host',
    title: 'this machine',
    figures: { cpu_ratio: cpu, load1: rising(1, 4) },
  });

describe('a run in which nothing went badly', () => {
  test('has no findings where nothing is beyond its limit', () => {
    expect(findBottlenecks(runOf({ watched: idle() }))).toEqual([]);
    expect(findBottlenecks(runOf({}))).toEqual([]);
  });

  test('tells a busy CPU at most in passing', () => {
    const findings = findBottlenecks(runOf({ watched: [...idle(), busyHost(() => 0.95)] }));
    expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([['cpu', 'info']]);
    expect(findings[0]!.detail).toContain('Nothing went badly in this run');
  });

  test('tells a generator at its limit in passing, since that has a finding of its own', () => {
    const measured = runOf({ watched: idle() });
    const generator = { ...measured.generator, saturated: true, reasons: ['It was.'] };
    const findings = findBottlenecks({ ...measured, generator });
    expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([['generator', 'info']]);
  });

  test('and was not loaded at all says nothing', () => {
    expect(findBottlenecks(runOf({ plan: { scenarios: [] }, length: 1 }))).toEqual([]);
  });
});

describe('a run that went badly', () => {
  test('without monitors says what to watch', () => {
    const [finding, ...more] = findBottlenecks(badRun());
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ kind: 'bottleneck', severity: 'info' });
    expect(finding!.title).toContain('Too little was watched');
    expect(finding!.advice).toMatch(/process or machine.*kind: postgres.*What usually helps: Add indexes/);
  });

  test('with monitors that show nothing says so', () => {
    const watched = idleBut('target', { cpu_ratio: () => 0.6 });
    expect(rulesOf(badRun({ watched }))).toEqual(['unwatched']);
  });

  test('with a target and a database that do nothing says that all of them wait', () => {
    const [finding, ...more] = findBottlenecks(badRun({ watched: idle() }));
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ rule: 'downstream', severity: 'warning', rank: 1 });
    expect(finding!.title).toContain('wait within the target, or for what it calls');
    // Where nothing is slow, there is nothing to conclude.
    expect(rulesOf(runOf({ watched: idle() }))).toEqual([]);
  });

  test('is judged by the time in which it went badly', () => {
    const finding = findingOf(
      badRun({ watched: idleBut('target', { cpu_ratio: rising(0.1, 0.98) }) }),
      'cpu',
    )!;
    expect(finding).toMatchObject({ severity: 'critical', rank: 1 });
    const [cpu] = finding.evidence;
    expect(cpu).toMatchObject({ limit: 0.85, unit: 'ratio', fromMs: 30_000, untilMs: 60_000 });
    expect(cpu!.value).toBeCloseTo(1, 1);
  });

  test('is no more severe than the limit that broke', () => {
    const watched = idleBut('target', { cpu_ratio: rising(0.1, 0.98) });
    const thresholds = [limitOn('http_req_duration', 'p95', '<', 100, { level: 'target' })];
    expect(findingOf(badRun({ watched, plan: { thresholds } }), 'cpu')?.severity).toBe('warning');
  });

  test('of a generator at its limit says nothing worse of the target', () => {
    const measured = badRun({ watched: idleBut('target', { cpu_ratio: rising(0.1, 0.98) }) });
    const generator = { ...measured.generator, saturated: true, reasons: ['It was.'] };
    const findings = findBottlenecks({ ...measured, generator });
    expect(findings.map(({ rule, severity, rank }) => [rule, severity, rank])).toEqual([
      ['generator', 'critical', 1],
      ['cpu', 'info', 2],
    ]);
  });

  test('in one interval alone still has an answer, from what it can tell', () => {
    const watched = [watch('target', { kind: 'process', figures: { cpu_ratio: () => 1 }, everySeconds: 60 })];
    const measured = runOf({ times: { price: () => 400 }, length: 1, watched });
    const [finding] = findBottlenecks(measured);
    expect(finding).toMatchObject({ severity: 'info' });
    expect(finding!.advice).toContain('more often');
  });
});

describe('the rule', () => {
  test('locks: sessions that wait for each other, before the pool that fills behind them', () => {
    const watched = [
      ...idleBut('postgres', { blocked_sessions: rising(0, 12), connections_active: rising(1, 15) }),
      watch('app', { figures: { pool_waiting: own('waiting for the pool', rising(0, 25)) } }),
      busyHost(),
    ];
    const findings = findBottlenecks(badRun({ watched }));
    expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([
      ['locks', 'critical'],
      ['cpu', 'info'],
      ['pool', 'info'],
    ]);
    expect(findings.map(({ rank }) => rank)).toEqual([1, 2, 3]);
    expect(findings[2]!.detail).toContain('follows from locks in the database');
  });

  test('pool: operations that wait for a connection while the database has little to do', () => {
    const watched = [
      ...idleBut('postgres', { connections_active: rising(0.5, 1) }),
      watch('app', { figures: { pool_waiting: own('waiting for the pool', rising(0, 35)) } }),
      busyHost(),
    ];
    expect(rulesOf(badRun({ watched }))[0]).toBe('pool');
    // A few that wait now and then are no queue.
    const few = [
      ...idle(),
      watch('app', { figures: { pool_waiting: own('waiting for the pool', rising(0, 0.4)) } }),
    ];
    expect(rulesOf(badRun({ watched: few }))).toEqual(['downstream']);
  });

  test('cpu: a process that has its one core, with the pool that fills since nothing is given back', () => {
    const watched = [
      ...idleBut('target', { cpu_ratio: rising(0.3, 0.99) }),
      watch('app', { figures: { pool_waiting: own('waiting for the pool', rising(0, 20)) } }),
    ];
    expect(rulesOf(badRun({ watched }))).toEqual(['cpu', 'pool']);
  });

  test('leak: memory that rises to the end, before the collections and the CPU that follow', () => {
    const grow = (second: number) => 5e7 + 2e7 * second;
    const watched = (heap: (second: number) => number) => [
      ...idleBut('target', { heap_bytes: heap, cpu_ratio: rising(0.3, 0.97) }),
      watch('app', {
        figures: {
          gc: own('time in gc', rising(10, 400), { type: 'counter', unit: 'ms' }),
          loop: own('event loop delay', rising(5, 90), { unit: 'ms' }),
        },
      }),
    ];
    expect(rulesOf(badRun({ watched: watched(grow) }))[0]).toBe('leak');
    // A heap that fills and is emptied again and again, or that has its size after a third of the run.
    expect(rulesOf(badRun({ watched: watched((second) => 5e7 + 2e7 * (second % 10)) }))).not.toContain(
      'leak',
    );
    expect(rulesOf(badRun({ watched: watched((second) => grow(Math.min(20, second))) }))).not.toContain(
      'leak',
    );
  });

  test('missing-index: rows that sequential scans read, however few rows there are in all', () => {
    const scanned = (rows: number) => idleBut('postgres', { rows_scanned: rising(rows / 3, rows) });
    expect(rulesOf(badRun({ watched: scanned(900_000) }))[0]).toBe('missing-index');
    expect(rulesOf(badRun({ watched: scanned(30_000) }))).toEqual(['downstream']);
  });

  test('churn: connections to the database for each request, with the CPU that they take', () => {
    const watched = (perSec: number, waiting: number) => [
      ...idleBut('postgres', { connections_opened: () => perSec }),
      watch('app', {
        figures: {
          pool_waiting: own('waiting for a connection', rising(0, waiting)),
          loop: own('event loop delay', rising(5, 90), { unit: 'ms' }),
        },
      }),
    ];
    expect(rulesOf(badRun({ watched: watched(90, 20) }))).toEqual(['churn', 'cpu', 'pool']);
    // Nobody waits for these: they are needless, and not the cause.
    expect(rulesOf(badRun({ watched: watched(90, 0) }))).toEqual(['cpu', 'churn']);
    expect(rulesOf(badRun({ watched: watched(2, 20) }))).not.toContain('churn');
  });

  test('cpu: an event loop that is late of itself, and not for what others do on its machine', () => {
    const late = watch('app', {
      figures: { loop: own('event loop delay', rising(5, 90), { unit: 'ms' }) },
    });
    const of = (cpu: number, machine: number) =>
      badRun({
        watched: [...idleBut('target', { cpu_ratio: () => cpu }), late, busyHost(() => machine)],
      });
    const severities = (measured: ReturnType<typeof badRun>) => findingOf(measured, 'cpu')?.severity;
    expect(severities(of(0.6, 0.98))).toBe('critical');
    // Blocked by something else than CPU, such as a file that is read at once.
    expect(severities(of(0.05, 0.4))).toBe('critical');
    expect(severities(of(0.05, 0.98))).toBe('warning');
    const cache = watch('app_cache', {
      figures: {
        cache_hits: own('cache hits', () => 0, { type: 'counter' }),
        cache_misses: own('cache misses', () => 90, { type: 'counter' }),
      },
    });
    const watched = [...idleBut('target', { cpu_ratio: () => 0.05 }), late, busyHost(() => 0.98), cache];
    expect(rulesOf(badRun({ watched }))[0]).toBe('cache');
    expect(rulesOf(of(0.05, 0.98))[0]).toBe('cpu');
  });

  test('database: most operations under way are in it', () => {
    const watched = idleBut('postgres', { connections_active: rising(1, 30) });
    expect(rulesOf(badRun({ watched }))).toEqual(['database']);
    expect(rulesOf(badRun({ watched: idle() }))).not.toContain('database');
  });

  test('rate-limit: answers with status 429, however idle the target', () => {
    const answers =
      (refused: number) => (meter: Parameters<NonNullable<Parameters<typeof runOf>[0]['more']>>[0]) => {
        const tags = { scenario: 'main', user: 'buyer', task: 'price', method: 'GET', name: '/price' };
        meter.counter('http_reqs', { ...tags, status: '200' }).add(100 - refused);
        if (refused > 0) meter.counter('http_reqs', { ...tags, status: '429' }).add(refused);
      };
    const measured = runOf({ watched: idle(), failed: () => 0.2, more: answers(40) });
    expect(findingOf(measured, 'rate-limit')).toMatchObject({ severity: 'critical', rank: 1 });
    expect(rulesOf(runOf({ watched: idle(), more: answers(0) }))).toEqual([]);
  });

  test('cache: look-ups that miss', () => {
    const cache = (hits: number, misses: number) =>
      watch('app', {
        figures: {
          cache_hits: own('cache hits', () => hits, { type: 'counter' }),
          cache_misses: own('cache misses', () => misses, { type: 'counter' }),
        },
      });
    expect(rulesOf(badRun({ watched: [...idle(), cache(20, 80)] }))).toEqual(['cache']);
    expect(rulesOf(badRun({ watched: [...idle(), cache(90, 10)] }))).toEqual(['downstream']);
    // Nobody is slow for a cache that hardly anybody asks.
    expect(rulesOf(badRun({ watched: [...idle(), cache(0.5, 2)] }))).toEqual(['downstream']);
  });
});

describe('a suite', () => {
  const watched = idleBut('target', { cpu_ratio: rising(0.1, 0.98) });

  test('leaves rules out', () => {
    const analysis = { rules: { cpu: { off: true } } } as const;
    expect(rulesOf(badRun({ watched, plan: { analysis } }))).toEqual(['unwatched']);
  });

  test('gives rules other limits', () => {
    const lower = { rules: { cpu: { limits: { core: 0.15, cores: 1 } } } };
    const mild = idleBut('target', { cpu_ratio: () => 0.2 });
    expect(rulesOf(badRun({ watched: mild, plan: { analysis: lower } }))).toEqual(['cpu']);
    const higher = { rules: { cpu: { limits: { core: 1.2, cores: 1 } } } };
    expect(rulesOf(badRun({ watched, plan: { analysis: higher } }))).toEqual(['unwatched']);
  });
});
