import { describe, expect, test } from 'vitest';
import type { Measurements } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { noise } from '../stats/noise.cases.ts';
import { analyse } from './analyse.ts';
import { type Course, gauge, monitor, run, timeline } from './course-runs.cases.ts';
import { driftFindings, findDrifts } from './drift.ts';

/** Twenty minutes, a reading a second, of which the figures keep every fifth. */
const seconds = 1200;

/** A level that goes its way, with noise that lasts a few seconds. */
function course(level: Course, spread: number, seed: number): Course {
  const values = noise('ar 0.3', seconds + 1, seed);
  return (second) => level(second) + spread * values[second]!;
}

interface Courses {
  readonly memory?: Course;
  readonly connections?: Course;
  readonly p95?: Course;
}

const quiet: Required<Courses> = { memory: () => 2e8, connections: () => 20, p95: () => 50 };

const steady = run(seconds, {});

function measured(courses: Courses, seed = 1, length = seconds): Measurements {
  const { memory, connections, p95 } = { ...quiet, ...courses };
  const readings = course(connections, 0.7, seed + 1000);
  return {
    ...(length === seconds ? steady : run(length, {})),
    timeline: timeline(
      length,
      course(p95, 2, seed),
      course(() => 100, 3, seed + 2000),
    ),
    monitors: {
      app: monitor(
        'app',
        { rss_bytes: gauge('resident memory', course(memory, 1e6, seed + 3000), 'bytes') },
        length,
      ),
      db: monitor(
        'PostgreSQL',
        { connections: gauge('connections', (second) => Math.round(readings(second))) },
        length,
      ),
    },
  };
}

function found(courses: Courses): Finding[] {
  return driftFindings(findDrifts(measured(courses)));
}

describe('leaks', () => {
  test('beyond the fifth are left to the anomalies, and what grows most is among the five', () => {
    const rates = [1, 2, 3, 4, 5, 6, 7].map((k) => k * 5e4);
    const monitors = Object.fromEntries(
      rates.map((perSecond, i) => {
        const growing = gauge(
          'resident memory',
          course((second) => 2e8 + perSecond * second, 1e6, i),
          'bytes',
        );
        return [`app${i}`, monitor(`app ${i}`, { rss_bytes: growing }, seconds)];
      }),
    );
    const { findings } = analyse({ ...measured({}), monitors });
    const titlesOf = (kind: string): string[] =>
      findings.filter((one) => one.kind === kind).map(({ title }) => title.slice(0, 5));
    expect(titlesOf('leak')).toEqual(['app 6', 'app 5', 'app 4', 'app 3', 'app 2']);
    const anomalies = JSON.stringify(findings.filter(({ kind }) => kind === 'anomaly'));
    expect(anomalies).toMatch(/app 0 .*app 1 |app 1 .*app 0 /);
    expect(anomalies).not.toContain('app 2');
  });

  test('of the load generator are none of the target, which grows beside it or on another machine', () => {
    const growing = (seed: number) =>
      gauge(
        'resident memory',
        course((second) => 2e8 + 5e4 * second, 1e6, seed),
        'bytes',
      );
    const monitors = {
      generator: monitor('load generator', { rss_bytes: growing(1) }, seconds),
      app: monitor('app', { rss_bytes: growing(2) }, seconds),
    };
    const findings = driftFindings(findDrifts({ ...measured({}), monitors }));
    expect(findings.map(({ kind, severity, title }) => [kind, severity, title.slice(0, 14)])).toEqual([
      ['leak', 'warning', 'app resident m'],
      ['anomaly', 'info', 'load generator'],
    ]);
    expect(findings[1]!.detail).toContain('This is the load generator or its machine, and not the target.');
  });

  test('are none of what is free', () => {
    const free = gauge(
      'free memory',
      course((second) => 2e8 + 5e4 * second, 1e6, 1),
      'bytes',
    );
    const monitors = { host: monitor('host', { memory_free_bytes: free }, seconds) };
    expect(findDrifts({ ...measured({}), monitors })).toEqual([]);
  });

  test('of memory are told with their slope, its interval, and the usual limits', () => {
    // 50 kB a second are 180 MB an hour.
    const [finding, ...rest] = found({ memory: (second) => 2e8 + 5e4 * second });
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({ kind: 'leak', severity: 'warning' });
    expect(finding!.title).toMatch(
      /^app resident memory grows by 1(79|80|81) MB an hour and does not flatten$/,
    );
    expect(finding!.detail).toMatch(
      /^Under a steady load, from 1m to 19m59s, app resident memory grew from 203 MB to 260 MB \(\+28\.\d %\): 1\d\d MB an hour \(95 % interval 1[78]\d MB to 18\d MB\)\./,
    );
    expect(finding!.detail).toContain('more than 500 MB in 24 hours and than 100 MB an hour');
    expect(finding!.evidence.find(({ name }) => name === 'growth')).toMatchObject({
      unit: 'bytes/h',
      limit: 500e6 / 24,
    });
  });

  test('of memory that stay below the limits do not warn', () => {
    const [finding, ...rest] = found({ memory: (second) => 4e7 + 4e3 * second });
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({ kind: 'leak', severity: 'info' });
    expect(finding!.detail).toContain('less than 500 MB in 24 hours');
  });

  test('of connections are told', () => {
    const [finding, ...rest] = found({ connections: (second) => 20 + second / 60 });
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({ kind: 'leak', severity: 'warning' });
    expect(finding!.title).toMatch(/^PostgreSQL connections grows by (59|6\d)(\.\d+)? an hour/);
  });

  test('are not what fills up', () => {
    const [finding, ...rest] = found({
      memory: (second) => 2e8 + 1e8 * (1 - Math.exp(-second / 500)),
    });
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({ kind: 'anomaly', severity: 'info' });
    expect(finding!.title).toBe('app resident memory grows and flattens, like a cache that fills');
  });

  test('are not told of runs that are too short', () => {
    const growing = { memory: (second: number) => 2e8 + 5e5 * second };
    expect(findDrifts(measured(growing, 1, 600))).toEqual([]);
    expect(findDrifts(measured(growing, 1, 680))).toHaveLength(1);
  });

  test('are not told a second time as an anomaly', () => {
    const { findings } = analyse(measured({ memory: (second) => 2e8 + 5e4 * second }));
    expect(findings.filter(({ title }) => title.includes('resident memory'))).toHaveLength(1);
  });

  test('never decide the verdict', () => {
    const leaking = analyse(measured({ memory: (second) => 2e8 + 5e5 * second }));
    expect(leaking.verdict).toEqual(analyse(measured({})).verdict);
  });
});

describe('a response time that rises', () => {
  test('by more than a tenth warns, with its interval', () => {
    const [finding, ...rest] = found({ p95: (second) => 50 + second / 100 });
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({ kind: 'degradation', severity: 'warning' });
    expect(finding!.title).toMatch(/^p\(95\) of http_req_duration rises by 2\d(\.\d)? % during the run$/);
    expect(finding!.detail).toMatch(/95 % interval of the rise 2\d(\.\d)? % to 2\d(\.\d)? %/);
  });

  test('by less than a tenth does not', () => {
    expect(found({ p95: (second) => 200 + second / 70 })).toMatchObject([
      { kind: 'degradation', severity: 'info' },
    ]);
  });

  test('is not one that falls', () => {
    expect(found({ p95: (second) => 80 - second / 100 })).toEqual([]);
  });
});

test('of 100 runs in which nothing grows, none gets a finding', () => {
  const alarms = Array.from({ length: 100 }, (_, seed) => findDrifts(measured({}, seed))).filter(
    (drifts) => drifts.length > 0,
  );
  expect(alarms).toHaveLength(0);
});
