import { describe, expect, test } from 'vitest';
import type { ExecutorPlan } from '../../executors/executors.ts';
import type { WorkerMeter } from '../../meter/meter.ts';
import { bottleneckLimits, bottleneckRuleIds } from '../../model/bottleneck.ts';
import type { Drift } from '../drift.ts';
import { limitOn, scenario } from '../measurements.cases.ts';
import {
  badRun,
  findingOf,
  idle,
  idleBut,
  type LoadCase,
  own,
  rising,
  rulesOf,
  runOf,
  watch,
} from './bottleneck-runs.cases.ts';
import { findBottlenecks } from './bottlenecks.ts';
import { remedies } from './remedies.ts';
import { bottleneckRules } from './rules.ts';

const tags = { scenario: 'main', user: 'buyer', task: 'price', method: 'GET', name: '/price' };

/** Each second so many answers with a status. */
function answers(counts: Readonly<Record<string, number>>): NonNullable<LoadCase['more']> {
  return (meter) => {
    for (const [status, count] of Object.entries(counts))
      meter.counter('http_reqs', { ...tags, status }).add(count);
  };
}

function connecting(meter: WorkerMeter, opened: number, kept: number, ms: number): void {
  const trend = meter.trend('http_req_connecting', tags);
  for (let i = 0; i < opened; i++) trend.add(ms);
  for (let i = 0; i < kept; i++) trend.add(0);
}

const app = (figures: Parameters<typeof watch>[1]['figures']) => watch('app', { figures });
const host = (figures: Parameters<typeof watch>[1]['figures']) =>
  watch('host', { kind: 'host', title: 'machine', figures });
const redis = (figures: Parameters<typeof watch>[1]['figures']) =>
  watch('redis', { kind: 'redis', title: 'Redis', figures });
const inMs = { unit: 'ms' } as const;
const counted = { type: 'counter' } as const;

/** By rule: a run of which it is the cause, others moving along, and one alike of which it is not. */
const cases: Readonly<Record<string, { readonly cause: () => LoadCase; readonly other: () => LoadCase }>> = {
  'rate-limit': {
    cause: () => ({ failed: () => 0.2, more: answers({ 200: 60, 429: 40 }), watched: idle() }),
    other: () => ({ failed: () => 0.2, more: answers({ 200: 60, 400: 40 }), watched: idle() }),
  },
  locks: {
    cause: () => ({
      watched: idleBut('postgres', { blocked_sessions: rising(0, 9), connections_active: rising(1, 10) }),
    }),
    other: () => ({
      watched: idleBut('postgres', { blocked_sessions: rising(0, 0.6), connections_active: rising(1, 10) }),
    }),
  },
  'missing-index': {
    cause: () => ({
      watched: [
        ...idleBut('postgres', { rows_scanned: rising(2e5, 2e5), connections_active: rising(1, 25) }),
        host({ cpu_ratio: rising(0.4, 0.99) }),
      ],
    }),
    other: () => ({
      watched: [
        ...idleBut('postgres', { rows_scanned: rising(2e3, 2e3) }),
        host({ cpu_ratio: rising(0.2, 0.3) }),
      ],
    }),
  },
  'n-plus-one': {
    cause: () => ({
      watched: [
        ...idleBut('postgres', { transactions: rising(2500, 2500), connections_active: rising(2, 18) }),
        app({ pool_waiting: own('waiting', rising(0, 15)) }),
      ],
    }),
    other: () => ({ watched: [...idleBut('postgres', { transactions: rising(250, 250) })] }),
  },
  statements: {
    cause: () => ({
      watched: idleBut('postgres', { slow_statements: rising(0, 2), slow_statements_running: rising(0, 3) }),
    }),
    other: () => ({ watched: idleBut('postgres', { slow_statements: rising(0, 0.1) }) }),
  },
  pool: {
    cause: () => ({ watched: [...idle(), app({ pool_waiting: own('waiting', rising(0, 30)) })] }),
    other: () => ({ watched: [...idle(), app({ pool_waiting: own('waiting', rising(0, 1)) })] }),
  },
  connections: {
    cause: () => ({ watched: idleBut('postgres', { connections_ratio: rising(0.4, 0.98) }) }),
    other: () => ({ watched: idleBut('postgres', { connections_ratio: rising(0.4, 0.7) }) }),
  },
  database: {
    cause: () => ({
      watched: [
        ...idleBut('postgres', { connections_active: rising(1, 30) }),
        host({ cpu_ratio: rising(0.4, 0.99) }),
      ],
    }),
    other: () => ({ watched: [...idleBut('postgres', { connections_active: rising(0.3, 2) })] }),
  },
  cache: {
    cause: () => ({
      watched: [
        ...idleBut('postgres', { connections_active: rising(1, 30) }),
        redis({ hit_ratio: rising(0.9, 0.2), hits: rising(90, 20), misses: rising(10, 80) }),
      ],
    }),
    other: () => ({
      watched: [...idle(), redis({ hit_ratio: rising(0.9, 0.92), hits: () => 90, misses: () => 10 })],
    }),
  },
  cpu: {
    cause: () => ({
      watched: [
        ...idleBut('target', { cpu_ratio: rising(0.3, 1) }),
        app({ pool_waiting: own('waiting', rising(0, 9)) }),
      ],
    }),
    other: () => ({ watched: idleBut('target', { cpu_ratio: rising(0.3, 0.6) }) }),
  },
  collection: {
    cause: () => ({
      watched: [
        ...idleBut('target', { cpu_ratio: rising(0.3, 1) }),
        app({ gc: own('gc time', rising(20, 400), { ...counted, ...inMs }) }),
      ],
    }),
    other: () => ({
      watched: [...idle(), app({ gc: own('gc time', rising(2, 40), { ...counted, ...inMs }) })],
    }),
  },
  memory: {
    cause: () => ({ watched: idleBut('target', { cgroup_memory_ratio: rising(0.5, 0.97) }) }),
    other: () => ({ watched: idleBut('target', { cgroup_memory_ratio: rising(0.5, 0.8) }) }),
  },
  leak: {
    cause: () => ({ watched: idleBut('target', { rss_bytes: (second) => 1e8 + 4e6 * second }) }),
    other: () => ({
      watched: idleBut('target', { rss_bytes: (second) => 1e8 + 1.6e8 * (1 - Math.exp(-second / 6)) }),
    }),
  },
  disk: {
    cause: () => ({
      watched: [...idle(), host({ disk_busy_ratio: rising(0.2, 0.98), cpu_iowait_ratio: rising(0, 0.4) })],
    }),
    other: () => ({
      watched: [...idle(), host({ disk_busy_ratio: rising(0.2, 0.5), cpu_iowait_ratio: rising(0, 0.05) })],
    }),
  },
  network: {
    cause: () => ({
      watched: [...idle(), app({ request_duration: own('request duration', rising(15, 20), inMs) })],
    }),
    other: () => ({
      watched: [...idle(), app({ request_duration: own('request duration', rising(19, 420), inMs) })],
    }),
  },
  downstream: {
    cause: () => ({
      watched: [...idle(), app({ upstream_duration: own('calls to other systems', rising(10, 390), inMs) })],
    }),
    other: () => ({
      watched: [
        ...idleBut('target', { cpu_ratio: () => 0.6 }),
        app({ upstream_duration: own('calls to other systems', rising(4, 5), inMs) }),
      ],
    }),
  },
  churn: {
    cause: () => ({ more: (meter) => connecting(meter, 90, 10, 3), watched: idle() }),
    other: () => ({
      more: (meter, second) => connecting(meter, second === 0 ? 10 : 0, 100, 3),
      watched: idle(),
    }),
  },
  'other-work': {
    cause: () => ({
      watched: [
        watch('target', { kind: 'process', title: 'shop', figures: { cpu_ratio: () => 0.2 } }),
        host({ cpu_ratio: rising(0.2, 0.7) }),
      ],
    }),
    other: () => ({
      watched: [
        watch('target', { kind: 'process', title: 'shop', figures: { cpu_ratio: rising(0.2, 0.6) } }),
        host({ cpu_ratio: rising(0.2, 0.4) }),
      ],
    }),
  },
};

describe.each(Object.entries(cases))('the rule %s', (id, { cause, other }) => {
  test('comes first where it is the cause', () => {
    const measured = cause().failed === undefined ? badRun(cause()) : runOf(cause());
    const [first] = findBottlenecks(measured);
    expect(first).toMatchObject({ kind: 'bottleneck', rule: id, rank: 1 });
    expect(first!.severity).not.toBe('info');
    expect(first!.evidence.length).toBeGreaterThan(0);
    expect(first!.advice).not.toBe('');
  });

  test('says nothing where it is not', () => {
    const measured = other().failed === undefined ? badRun(other()) : runOf(other());
    expect(rulesOf(measured)).not.toContain(id);
  });
});

describe('the rule', () => {
  test('generator stands before all others', () => {
    const measured = badRun({ watched: idleBut('target', { cpu_ratio: rising(0.3, 1) }) });
    const generator = { ...measured.generator, saturated: true, reasons: ['It was.'] };
    expect(rulesOf({ ...measured, generator })).toEqual(['generator', 'cpu']);
  });

  test('load says that users mostly think, where too little came of them', () => {
    const plan = { thresholds: [limitOn('http_reqs', 'rate', '>', 1000)] };
    expect(findingOf(runOf({ plan, watched: idle() }), 'load')).toMatchObject({ severity: 'info' });
    // Users that are at work all the time are not to blame.
    const busy = runOf({ plan, watched: idle(), times: { price: () => 190 } });
    expect(findingOf(busy, 'load')).toBeUndefined();
  });

  test('overload says that answers are refused, behind what is full', () => {
    const more = answers({ 200: 60, 503: 40 });
    const watched = [...idle(), app({ pool_waiting: own('waiting', () => 3) })];
    expect(rulesOf(runOf({ failed: () => 0.2, more, watched: idle() }))[0]).toBe('overload');
    expect(rulesOf(runOf({ failed: () => 0.2, more, watched }))).toEqual(['pool', 'overload']);
    expect(rulesOf(runOf({ failed: () => 0.2, more: answers({ 200: 100 }), watched: idle() }))).toEqual([
      'unwatched',
    ]);
  });

  test('failures says that answers are errors of the target, and what is usual where all fail from the start', () => {
    const measured = runOf({ failed: () => 0.4, more: answers({ 200: 20, 500: 80 }), watched: idle() });
    const finding = findingOf(measured, 'failures')!;
    expect(finding).toMatchObject({ severity: 'critical', rank: 1 });
    expect(finding.advice).toContain('Run the profile with one user first.');
    expect(
      rulesOf(runOf({ failed: () => 0.4, more: answers({ 200: 20, 404: 80 }), watched: idle() })),
    ).not.toContain('failures');
  });

  test('cold-start says that the first fifth was slower, with a cache that was empty', () => {
    const cold = (second: number): number => (second < 12 ? 400 : 20);
    const times = { price: cold, report: cold };
    expect(rulesOf(runOf({ times, watched: idle() }))).toEqual(['cold-start']);
    const empty = redis({
      hit_ratio: (second) => (second < 13 ? 0.1 : 0.95),
      hits: () => 50,
      misses: () => 50,
    });
    expect(rulesOf(runOf({ times, watched: [...idle(), empty] }))).toEqual(['cache', 'cold-start']);
    expect(rulesOf(runOf({ watched: idle() }))).toEqual([]);
  });

  test('cold-start is not blamed where the plan has more load, or other work, at first', () => {
    const slow = (second: number): number => (second < 12 ? 400 : 20);
    const times = { price: slow, report: slow };
    const ofPlan = (plan: LoadCase['plan']): string[] =>
      rulesOf(runOf({ times, watched: idle(), ...(plan !== undefined && { plan }) }));
    const ramp = (kind: string, from: number, to: number): ReturnType<typeof scenario> =>
      scenario('main', {
        ...{
          kind,
          startVUs: from,
          startRatePerSec: from,
          timeUnitMs: 1000,
          maxVUs: 500,
          preAllocatedVUs: 500,
        },
        ...{ gracefulRampDownMs: 0, arrivals: 'even' },
        stages: [
          { durationMs: 12_000, target: from },
          { durationMs: 1000, target: to },
          { durationMs: 47_000, target: to },
        ],
      } as unknown as ExecutorPlan);
    for (const kind of ['ramping-vus', 'ramping-arrival-rate']) {
      expect(ofPlan({ scenarios: [ramp(kind, 100, 10)] })).not.toContain('cold-start');
      expect(ofPlan({ scenarios: [ramp(kind, 10, 10)] })).toEqual(['cold-start']);
      expect(ofPlan({ scenarios: [ramp(kind, 10, 100)] })).toEqual(['cold-start']);
    }
    const part = (name: string, startAtMs: number, durationMs: number, task: string) =>
      scenario(name, { kind: 'constant-vus', vus: 10, rampUpMs: 0, durationMs } as ExecutorPlan, {
        startAtMs,
        users: [{ ...scenario('main', {} as ExecutorPlan).users[0]!, tasks: [{ name: task, share: 1 }] }],
      });
    expect(
      ofPlan({ scenarios: [part('one', 0, 12_000, 'report'), part('two', 12_000, 48_000, 'price')] }),
    ).not.toContain('cold-start');
    expect(
      ofPlan({ scenarios: [part('one', 0, 60_000, 'report'), part('two', 12_000, 48_000, 'price')] }),
    ).not.toContain('cold-start');
    expect(
      ofPlan({ scenarios: [part('one', 0, 12_000, 'price'), part('two', 12_000, 48_000, 'price')] }),
    ).toEqual(['cold-start']);
  });

  const driftOf = (name: string): Drift => {
    const series = { name, title: name, unit: 'bytes', intervalMs: 1000, observations: [] } as const;
    return {
      stretch: { series, part: { fromMs: 0, untilMs: 60_000 }, observations: [] },
      growth: { course: 'steady' },
      from: 1e8,
      to: 2e8,
    } as unknown as Drift;
  };

  test('leak leaves out what the load generator and its machine keep, by what each monitor watches', () => {
    const growing = { memory_used_bytes: () => 1e8 };
    const generator = watch('generator', {
      kind: 'process',
      title: 'load generator',
      figures: { rss_bytes: () => 1e8 },
    });
    const box = watch('box', { kind: 'host', title: 'box', figures: growing });
    // The target's own, though its name begins like the generator's.
    const other = watch('generator_of_pages', {
      kind: 'host',
      title: 'pages',
      source: { kind: 'host', nodeExporter: 'http://10.0.0.5:9100/metrics' },
      figures: growing,
    });
    const watched = [...idle(), generator, box, other];
    const remote = badRun({
      watched,
      plan: { baseUrl: 'http://shop.example.org' },
      changes: { target: { baseUrl: 'http://shop.example.org' } },
    });
    const local = badRun({ watched });
    const hasLeak = (measured: typeof local, ...names: string[]): boolean =>
      findBottlenecks(measured, names.map(driftOf)).some(({ rule }) => rule === 'leak');
    const ofBox = 'monitor_box_memory_used_bytes';
    const ofGenerator = 'monitor_generator_rss_bytes';
    expect(hasLeak(remote, ofBox)).toBe(false);
    expect(hasLeak(remote, ofGenerator)).toBe(false);
    expect(hasLeak(remote, 'monitor_generator_of_pages_memory_used_bytes')).toBe(true);
    // A machine that both share grows with the generator as well.
    expect(hasLeak(local, ofBox)).toBe(true);
    expect(hasLeak(local, ofBox, ofGenerator)).toBe(false);
    expect(hasLeak(local, ofBox, ofGenerator, 'monitor_target_rss_bytes')).toBe(true);
  });

  test('leak takes the findings of long steady loads', () => {
    const measured = badRun({ watched: idle() });
    const drift = driftOf('monitor_target_rss_bytes');
    const [first] = findBottlenecks(measured, [drift]);
    expect(first).toMatchObject({ rule: 'leak', rank: 1 });
    const ended = { ...drift, growth: { course: 'over' } };
    expect(findBottlenecks(measured, [ended as unknown as Drift])[0]?.rule).not.toBe('leak');
  });

  test('leak warns of memory that will soon be full, though nothing went badly yet', () => {
    const growing = idleBut('target', { rss_bytes: (second) => 1e8 + 4e6 * second });
    const small = { ...runOf({ watched: growing }).environment, memoryBytes: 1e9 };
    expect(findingOf(runOf({ watched: growing, changes: { environment: small } }), 'leak')?.severity).toBe(
      'warning',
    );
    const large = { ...small, memoryBytes: 1e12 };
    expect(findingOf(runOf({ watched: growing, changes: { environment: large } }), 'leak')?.severity).toBe(
      'info',
    );
  });

  test('churn sees connections that the target opens to its database', () => {
    const watched = (perSec: number) => idleBut('postgres', { connections_opened: () => perSec });
    expect(rulesOf(badRun({ watched: watched(100) }))).toEqual(['churn']);
    expect(rulesOf(badRun({ watched: watched(1) }))).toEqual(['downstream']);
  });

  test('network sees a round trip that is much of the response time', () => {
    const far = runOf({
      times: { price: () => 120 },
      more: (meter, second) => connecting(meter, second === 0 ? 10 : 0, 50, 60),
      watched: idle(),
    });
    expect(rulesOf(far)[0]).toBe('network');
    const near = runOf({
      times: { price: () => 120 },
      more: (meter, second) => connecting(meter, second === 0 ? 10 : 0, 50, 1),
      watched: idle(),
    });
    expect(rulesOf(near)).not.toContain('network');
  });

  test('downstream concludes by exclusion where few operations are slow and the rest has little to do', () => {
    const times = { price: () => 10, report: () => 700 };
    const [first] = findBottlenecks(runOf({ times, watched: idle() }));
    expect(first).toMatchObject({ rule: 'downstream', severity: 'warning' });
    expect(first!.detail).toContain('Only some operations are slow (GET /report)');
    // All slow alike: they wait. A target that nobody watched: no conclusion.
    const [alike] = findBottlenecks(badRun({ watched: idle() }));
    expect(alike!.title).toContain('operations wait within the target');
    expect(rulesOf(runOf({ times }))).toEqual(['unwatched']);
  });

  test('cpu of a machine explains nothing where only some operations are slow', () => {
    const times = { price: () => 10, report: () => 700 };
    const watched = [...idle(), host({ cpu_ratio: () => 0.95 })];
    expect(rulesOf(runOf({ times, watched }))).toEqual(['downstream', 'cpu']);
  });
});

describe('a series with gaps', () => {
  test('is judged by the readings that there are, and not by too few', () => {
    const broken = idleBut('target', { cpu_ratio: (second) => (second % 3 === 0 ? 1 : null) });
    expect(rulesOf(badRun({ watched: broken }))).toEqual(['cpu']);
    const once = idleBut('target', { cpu_ratio: (second) => (second === 45 ? 1 : null) });
    expect(rulesOf(badRun({ watched: once }))).toEqual(['unwatched']);
    const odd = idleBut('target', { cpu_ratio: () => Number.NaN });
    expect(rulesOf(badRun({ watched: odd }))).toEqual(['unwatched']);
  });
});

test('response times that go along with a sign are told with the lag', () => {
  const wave = (second: number): number => (Math.sin(second * second) > 0 ? 1 : 0);
  const times = {
    price: (second: number) => 120 + 300 * wave(second - 2),
    report: (second: number) => 150 + 300 * wave(second - 2),
  };
  const watched = idleBut('target', { cpu_ratio: (second) => 0.9 + 0.1 * wave(second) });
  const finding = findingOf(runOf({ times, watched }), 'cpu')!;
  expect(finding.detail).toMatch(
    /Response times go along with shop CPU of one core .* later \(rank correlation/,
  );
  expect(finding.evidence.map(({ name }) => name)).toContain('rank correlation with response times');
});

describe('the rules as data', () => {
  test('are one for each of the limits, each with advice', () => {
    expect(bottleneckRules.map(({ id }) => id)).toEqual(bottleneckRuleIds);
    for (const { id, signs, advice, meaning } of bottleneckRules) {
      expect(Object.keys(signs), id).toEqual(Object.keys(bottleneckLimits[id]));
      expect(`${meaning}${advice}`).not.toMatch(/undefined/);
    }
  });

  test('answer all requirements about bottlenecks', () => {
    const covered = new Set(bottleneckRules.flatMap(({ covers }) => covers));
    const wanted = Array.from({ length: 20 }, (_, i) => `BOTTLE-${i + 1}`);
    expect(wanted.filter((one) => !covered.has(one))).toEqual([]);
  });

  test('follow no circle', () => {
    const edges = new Map(
      bottleneckRules.map(({ id, follows = [], alwaysFollows = [] }) => [id, [...follows, ...alwaysFollows]]),
    );
    const reach = (from: string, seen: readonly string[]): string[] => {
      if (seen.includes(from)) return [[...seen, from].join(' < ')];
      return (edges.get(from as never) ?? []).flatMap((next) => reach(next, [...seen, from]));
    };
    expect(bottleneckRules.flatMap(({ id }) => reach(id, []))).toEqual([]);
  });

  test('have a symptom each that people know them by', () => {
    const known = new Set(remedies.flatMap(({ causes }) => causes));
    expect(bottleneckRuleIds.filter((id) => !known.has(id))).toEqual([]);
  });
});
