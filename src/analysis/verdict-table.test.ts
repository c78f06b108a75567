// Each rule of the verdict with a run to which it applies, alone and beside every other one.

import { describe, expect, it } from 'vitest';
import type { AlertRecord } from '../model/alert.ts';
import type { ComparisonPlan } from '../model/comparison.ts';
import type { ExpectationPlan, FaultRecord } from '../model/fault.ts';
import type { FeederPlan, FeederRecord } from '../model/feeder.ts';
import type { BaselineCheck, GateStatus } from '../model/gate.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import type { Measurements, ThresholdOutcome } from '../model/run-record.ts';
import type { Finding, VerdictStatus } from '../model/verdict.ts';
import { analyse } from './analyse.ts';
import {
  arrivals,
  limitOn,
  measure,
  type RunCase,
  recordIterations,
  scenario,
} from './measurements.cases.ts';
import { verdictRules } from './verdict.ts';

/** What makes one rule apply. */
interface Cause {
  readonly thresholds?: readonly ThresholdPlan[];
  readonly record?: NonNullable<RunCase['record']>;
  readonly change?: (measured: Measurements) => Measurements;
  readonly finding?: Finding;
  /** Other rules that cannot apply to the same run. */
  readonly excludes?: readonly string[];
}

const main = { scenario: 'main' };
const overhead: ComparisonPlan = {
  name: 'overhead',
  metric: 'group_duration',
  of: { group: 'guarded' },
  against: { group: 'plain' },
  statistic: 'med',
  limit: { expression: '<10%', operator: '<', ratio: 0.1 },
};
const alert: AlertRecord = {
  ...{ name: 'down', title: 'Down', rules: [], respond: [], aborted: false },
  episodes: [{ level: 'critical', fromMs: 9000, untilMs: null, figures: [] }],
  episodeCount: 1,
};

function compared(status: 'fail' | 'inconclusive'): NonNullable<Cause['change']> {
  const result = {
    ...{ status, of: 13, against: 10, ofCount: 100, againstCount: 100 },
    ...{ difference: 0.3, low: 0.2, high: 0.4, confidence: 0.95, pairs: { of: [13], against: [10] } },
  };
  return (measured) => ({
    ...measured,
    plan: { ...measured.plan, comparisons: [overhead] },
    comparisons: { [overhead.name]: result },
  });
}

/** Held to a baseline with one gate. */
function heldTo(status: GateStatus): NonNullable<Cause['change']> {
  const gate = { figure: 'http_req_duration p(95)', mostOfBaseline: 1.1 };
  const baseline: BaselineCheck = {
    ...{ file: 'shop.baseline.json', obstacles: [], notes: [], runs: ['later'] },
    gates: [{ gate, status, text: `The p95: ${status}.` }],
    own: { status: 'pass', reasons: ['All held.'] },
  };
  return (measured) => ({ ...measured, baseline });
}
/** A run has one baseline, and here one gate. */
const otherGates = [
  'gate of the baseline broken',
  'gate of the baseline open',
  'gate of the baseline in doubt',
];

/** With a fault from 4 s to 6 s, in which a monitor should see a circuit open; it is seen closed at these times. */
function withFault(
  seenAtMs: readonly number[],
  times: Pick<FaultRecord, 'fromMs' | 'untilMs'> = { fromMs: 4000, untilMs: 6000 },
): NonNullable<Cause['change']> {
  const fault = { name: 'cut', title: 'Cut', kind: 'reset', on: 'proxy way', proxy: 'way' } as const;
  return (measured) => ({
    ...measured,
    plan: { ...measured.plan, faults: [{ ...fault, atMs: 4000, forMs: 2000, expect: [opensWithin] }] },
    faults: [{ name: 'cut', ...times }],
    monitors: {
      api: {
        ...{ kind: 'http', title: 'api', source: '', intervalMs: 1000, readingsPerEntry: 1 },
        figures: { open: { type: 'gauge', unit: 'count', title: 'open' } },
        ...{ times: seenAtMs, series: { open: { avg: seenAtMs.map(() => 0) } }, readings: seenAtMs.length },
        ...{ failures: 0, gaps: [], events: [], tables: [], readingMs: 0, skipped: 0 },
      },
    },
  });
}
const opensWithin: ExpectationPlan = {
  ...{ kind: 'reach', expression: 'monitor_api_open == 1 within 1s', withinMs: 1000 },
  condition: { metric: 'monitor_api_open', tags: {}, operator: '==', limit: 1, unit: 'count' },
};
/** A run has one fault here. */
const otherFaults = ['expectation of a fault not met', 'fault not as planned', 'expectation of a fault open'];

/** Changes the result of the threshold with this limit. */
function judged(limit: number, changes: Partial<ThresholdOutcome>): NonNullable<Cause['change']> {
  return (measured) => ({
    ...measured,
    thresholds: measured.thresholds!.map((one) => (one.limit === limit ? { ...one, ...changes } : one)),
  });
}

const found = (severity: Finding['severity']): Finding => ({
  ...{ kind: 'suite', source: 'suite', title: 'The data is odd', detail: 'It is.', evidence: [] },
  severity,
});

/** A feeder had no row left. */
function outOfRows(atEnd: FeederPlan['atEnd']): NonNullable<Cause['change']> {
  const plan: FeederPlan = {
    ...{ name: 'customers', source: 'rows', rows: 3, columns: ['id'], masked: [] },
    ...{ policy: 'unique', per: 'user', atEnd },
  };
  const record: FeederRecord = {
    ...{
      name: 'customers',
      rows: 3,
      given: 3,
      wraps: 0,
      refused: 1,
      usersEnded: 1,
      endedAtMs: 4000,
      lost: 0,
    },
  };
  return (measured) => ({ ...measured, plan: { ...measured.plan, data: [plan] }, data: [record] });
}

const causes: Readonly<Record<string, Cause>> = {
  'ended for safety': {
    change: (measured) => ({
      ...measured,
      refusal: { host: 'shop.example.com', port: 443, reason: 'its name' },
    }),
    excludes: ['much was cut off'],
  },
  'generator saturated': {
    change: (measured) => ({
      ...measured,
      generator: { ...measured.generator, saturated: true, reasons: ['It was busy.'] },
    }),
  },
  'nothing succeeded': {
    record: (meter) => meter.rate('checks', {}).add(false),
    excludes: ['failures that no threshold is on'],
  },
  'critical threshold broken': { thresholds: [limitOn('http_req_duration', 'p95', '<', 7)] },
  'comparison beyond its limit': { change: compared('fail'), excludes: ['comparison open'] },
  'alert ended the run': {
    change: (measured) => ({ ...measured, alerts: [{ ...alert, aborted: true }] }),
    excludes: ['critical alert', 'much was cut off'],
  },
  'gate of the baseline broken': { change: heldTo('broken'), excludes: otherGates },
  'data ended, and the suite says that this fails the run': {
    change: outOfRows('fail'),
    excludes: ['data ended before the load'],
  },
  'data ended before the load': { change: outOfRows('stop-user') },
  'expectation of a fault not met': { change: withFault([3000, 4500, 5500]), excludes: otherFaults },
  'fault not as planned': {
    change: withFault([], { fromMs: null, untilMs: null }),
    excludes: otherFaults,
  },
  'expectation of a fault open': {
    change: withFault([3000]),
    excludes: otherFaults,
  },
  'suite found something critical': { finding: found('critical') },
  'search without an answer': {
    change: (measured) => ({
      ...measured,
      plan: { ...measured.plan, search: { unit: 'iterations/s', steps: [{ scenario: 'none', load: 10 }] } },
    }),
    // The steps of a search are meant to fail in the end.
    excludes: [
      'load not delivered',
      'outage without end',
      'much was cut off',
      'failures that no threshold is on',
      'few iterations dropped',
    ],
  },
  'threshold that holds ended the run': {
    thresholds: [limitOn('http_req_duration', 'max', '<', 1001)],
    change: judged(1001, { aborted: true }),
    excludes: ['much was cut off'],
  },
  'critical threshold open': {
    thresholds: [limitOn('http_req_duration', 'max', '<', 1002)],
    change: judged(1002, { ok: false, undecided: true, bounds: { least: 80, greatest: null } }),
  },
  compressed: { change: (measured) => ({ ...measured, plan: { ...measured.plan, compressed: 20 } }) },
  'interrupted or rebuilt': {
    change: (measured) => ({ ...measured, interrupted: true }),
    excludes: ['much was cut off'],
  },
  'worker lost': {
    change: (measured) => ({
      ...measured,
      generator: {
        ...measured.generator,
        gaps: [{ worker: 1, fromMs: 2300, untilMs: 2712, measuredUntilMs: 2000, users: 5, reason: 'killed' }],
      },
    }),
  },
  'load not delivered': {
    record: (meter, second) => {
      if (second === 0) meter.counter('dropped_iterations', main).add(500);
    },
    excludes: ['few iterations dropped'],
  },
  'comparison open': { change: compared('inconclusive') },
  'gate of the baseline open': { change: heldTo('unjudged'), excludes: otherGates },
  'outage without end': {
    thresholds: [limitOn('recovery_time', 'max', '<', 5000)],
    record: (meter, second) => {
      if (second < 5) return;
      for (let i = 0; i < 1000; i++) meter.rate('http_req_failed', main).add(true);
    },
    // Who has a limit on the time to recovery expects failures.
    excludes: ['failures that no threshold is on', 'threshold without samples'],
  },
  'much was cut off': {
    change: (measured) => ({
      ...measured,
      cutOff: [
        {
          ...{ metric: 'http_req_duration', tags: main, due: false, count: 900 },
          waitedMs: { least: 4000, most: 9000, sum: 5_000_000 },
          overdue: 900,
          overdueMs: { least: 4000, most: 9000, sum: 5_000_000, med: 6000 },
        },
      ],
    }),
    excludes: ['failures that no threshold is on'],
  },
  'threshold without samples': {
    thresholds: [limitOn('http_req_duration', 'p95', '<', 1003, { tags: { name: '/renamed' } })],
  },
  'target threshold broken': {
    thresholds: [limitOn('http_req_duration', 'p95', '<', 8, { level: 'target' })],
  },
  'target threshold open': {
    thresholds: [limitOn('http_req_duration', 'max', '<', 1004, { level: 'target' })],
    change: judged(1004, { ok: false, undecided: true, bounds: { least: 80, greatest: null } }),
  },
  'threshold close to its limit': {
    thresholds: [limitOn('http_req_duration', 'p95', '<', 21, { warnMargin: 0.1 })],
  },
  'critical alert': { change: (measured) => ({ ...measured, alerts: [alert] }) },
  'gate of the baseline in doubt': { change: heldTo('unproven'), excludes: otherGates },
  'failures that no threshold is on': {
    record: (meter) => {
      for (let i = 0; i < 10; i++) meter.rate('http_req_failed', {}).add(true);
    },
  },
  'suite warns': { finding: found('warning') },
  'few iterations dropped': {
    record: (meter, second) => {
      if (second === 0) meter.counter('dropped_iterations', main).add(1);
    },
  },
};
/** Rules that need a run of their own: see verdict.test.ts, spike-findings.test.ts, capacity.test.ts and objectives.test.ts. */
const elsewhere = [
  'nothing finished',
  'spike without recovery',
  'throughput not reached',
  'objective not met',
  'critical objective open',
  'objective met with a warning, or its target open',
];

function verdictWith(...some: readonly Cause[]) {
  const run = measure({
    plan: {
      scenarios: [scenario('main', arrivals(100, 20))],
      thresholds: some.flatMap((one) => one.thresholds ?? []),
    },
    record: (meter, second) => {
      recordIterations(meter, 100);
      for (const { record } of some) record?.(meter, second);
    },
  });
  const changed = some.reduce((measured, { change }) => change?.(measured) ?? measured, run);
  return analyse(
    changed,
    some.flatMap(({ finding }) => finding ?? []),
  ).verdict;
}

const statusOf: Readonly<Record<(typeof verdictRules)[number]['group'], VerdictStatus>> = {
  refused: 'inconclusive',
  generator: 'inconclusive',
  broken: 'fail',
  unproven: 'inconclusive',
  doubtful: 'warn',
};
const groupsInOrder = Object.keys(statusOf);

describe('the rules of the verdict', () => {
  it('stand in groups, in the order of their precedence', () => {
    const ranks = verdictRules.map(({ group }) => groupsInOrder.indexOf(group));
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
  });

  it('have each a run in this table, and their own name', () => {
    const names = verdictRules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([...Object.keys(causes), ...elsewhere].sort()).toEqual([...names].sort());
  });

  it('leave a run alone to which none applies', () => {
    expect(verdictWith().status).toBe('pass');
  });

  it.each(verdictRules.filter(({ name }) => name in causes))('decide alone: $name', ({ name, group }) => {
    const { status, reasons } = verdictWith(causes[name]!);
    expect(status).toBe(statusOf[group]);
    expect(reasons.length).toBeGreaterThan(0);
  });

  const alone = new Map(Object.entries(causes).map(([name, cause]) => [name, verdictWith(cause).reasons]));
  const pairs = verdictRules.flatMap((first, i) =>
    verdictRules.slice(i + 1).flatMap((second) => {
      const [one, other] = [causes[first.name], causes[second.name]];
      if (one === undefined || other === undefined) return [];
      const isExcluded = one.excludes?.includes(second.name) || other.excludes?.includes(first.name);
      return isExcluded ? [] : [{ first, second, one, other }];
    }),
  );

  it.each(pairs)('decide by $first.name before $second.name', ({ first, second, one, other }) => {
    const together = verdictWith(one, other);
    expect(together.status).toBe(statusOf[first.group]);
    // The one that stands first is told first, and what the other says is not lost.
    expect(together.reasons[0]).toBe(alone.get(first.name)![0]);
    expect(together.reasons).toEqual(expect.arrayContaining([...alone.get(second.name)!]));
  });
});
