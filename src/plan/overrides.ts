// What the command line changes in a profile: load, length, pace. Applied by plan.ts to the layout, before the
// plan is made of it.

import { longestMs, mostIterations, mostRatePerSec, mostVus } from '../model/bounds.ts';
import { UsageError } from '../model/errors.ts';
import { isArrivalRate, peakRatePerSec } from '../model/executor.ts';
import type { ExecutorPlan, ScenarioPlan } from '../model/plan.ts';
import { allocate } from '../stats/allocation.ts';
import {
  compare,
  type Fraction,
  fractionOf,
  product,
  quotient,
  sum,
  toNumber,
  zero,
} from '../stats/fraction.ts';
import { formatDuration } from '../time/duration.ts';
import { type Layout, lengthOf } from './layout.ts';
import { exactRate } from './rate-curve.ts';
import { defaultMaxDurationMs, fixedThinkTime } from './scenario.ts';
import { durationOf, maxVusOf } from './schedule.ts';

/** Every override that is absent leaves the profile as it is. */
export interface Overrides {
  /** VUs in all: sets them, scales the stages of a ramp, or sets `maxVUs` of an arrival rate. */
  readonly users?: number | undefined;
  /** Iterations of each user: turns VU executors into per-vu-iterations. */
  readonly ops?: number | undefined;
  /** Length of the whole profile. */
  readonly durationMs?: number | undefined;
  readonly rampUpMs?: number | undefined;
  readonly thinkTimeMs?: number | undefined;
  /** Arrivals per second in all. */
  readonly ratePerSec?: number | undefined;
  /** A pattern of the suite, or one user class: who drives every scenario. */
  readonly pattern?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Every critical threshold ends the run when it breaks. */
  readonly abortOnFail?: boolean | undefined;
}

type Kind = ExecutorPlan['kind'];

const vuKinds: readonly Kind[] = ['constant-vus', 'ramping-vus', 'per-vu-iterations', 'shared-iterations'];
const loopingKinds: readonly Kind[] = [...vuKinds, 'externally-controlled'];
const arrivalKinds: readonly Kind[] = ['constant-arrival-rate', 'ramping-arrival-rate'];
const anyKind: readonly Kind[] = [...loopingKinds, ...arrivalKinds];

interface Rule {
  readonly flag: string;
  readonly kinds: readonly Kind[];
  readonly holds: (value: number) => boolean;
  readonly expected: string;
}

const isWhole = (least: number, most: number) => (value: number) =>
  Number.isInteger(value) && value >= least && value <= most;

const rules = {
  ops: {
    flag: '--ops',
    kinds: vuKinds,
    holds: isWhole(1, mostIterations),
    expected: `1 to ${mostIterations}`,
  },
  users: { flag: '--users', kinds: anyKind, holds: isWhole(1, mostVus), expected: `1 to ${mostVus}` },
  ratePerSec: {
    flag: '--rate',
    kinds: arrivalKinds,
    holds: (value) => value > 0 && value <= mostRatePerSec,
    expected: `a rate above 0 and of at most ${mostRatePerSec} per second`,
  },
  durationMs: {
    flag: '--duration',
    kinds: anyKind,
    holds: (value) => value >= 100 && value <= longestMs,
    expected: `a duration from 100ms to ${formatDuration(longestMs)}`,
  },
  rampUpMs: {
    flag: '--ramp-up',
    kinds: ['constant-vus', 'per-vu-iterations', 'shared-iterations'],
    holds: (value) => value >= 0 && value <= longestMs,
    expected: `a duration of at most ${formatDuration(longestMs)}`,
  },
  thinkTimeMs: {
    flag: '--think-time',
    kinds: loopingKinds,
    holds: (value) => value >= 0 && value <= longestMs,
    expected: `a duration of at most ${formatDuration(longestMs)}`,
  },
} as const satisfies Record<string, Rule>;

type RuleName = keyof typeof rules;

const changes: Readonly<Record<RuleName, (layout: Layout, value: number) => Layout>> = {
  ops: (layout, ops) => mapExecutors(layout, (executor) => withOps(executor, ops)),
  users: withUsers,
  ratePerSec: withRate,
  durationMs: withLength,
  rampUpMs: (layout, ms) => mapExecutors(layout, (executor) => withRampUp(executor, ms)),
  thinkTimeMs: (layout, ms) => mapScenarios(layout, (scenario) => withThinkTime(scenario, ms)),
};

/**
 * The layout with the overrides applied, `ops` first and `rampUpMs` last but one. Throws a `UsageError` for a
 * value out of range, and for an override that no scenario of the profile can take; it says which executors
 * take it. Where only some scenarios take it, it changes those.
 */
export function applyOverrides(layout: Layout, profile: string, overrides: Overrides): Layout {
  let result = layout;
  for (const name of Object.keys(rules) as RuleName[]) {
    const value = overrides[name];
    if (value === undefined) continue;
    const rule: Rule = rules[name];
    if (!rule.holds(value)) throw new UsageError(`${rule.flag} ${value}: expected ${rule.expected}`);
    assertTaken(result, profile, rule);
    result = changes[name](result, value);
  }
  return result;
}

function assertTaken(layout: Layout, profile: string, { flag, kinds }: Rule): void {
  const there = layout.items.map(({ scenario }) => scenario.executor.kind);
  const isSearchRate = layout.kind === 'search' && flag === '--rate';
  if (!isSearchRate && there.some((kind) => kinds.includes(kind))) return;
  const executors = layout.kind === 'search' ? 'capacity-search' : [...new Set(there)].join(', ');
  throw new UsageError(`${flag} does not fit the profile ${profile}, whose executor is ${executors}`, {
    hint: `executors that take ${flag}: ${kinds.join(', ')}`,
  });
}

function mapScenarios(
  layout: Layout,
  change: (scenario: ScenarioPlan, index: number) => ScenarioPlan,
): Layout {
  const items = layout.items.map((item, i) => ({ ...item, scenario: change(item.scenario, i) }));
  return { ...layout, items };
}

function mapExecutors(layout: Layout, change: (executor: ExecutorPlan) => ExecutorPlan): Layout {
  return mapScenarios(layout, (scenario) => ({ ...scenario, executor: change(scenario.executor) }));
}

function withOps(executor: ExecutorPlan, iterations: number): ExecutorPlan {
  if (isArrivalRate(executor) || executor.kind === 'externally-controlled') return executor;
  if (executor.kind === 'per-vu-iterations') return { ...executor, iterations };
  return {
    kind: 'per-vu-iterations',
    vus: maxVusOf(executor),
    iterations,
    rampUpMs: executor.kind === 'ramping-vus' ? 0 : executor.rampUpMs,
    maxDurationMs: Math.max(defaultMaxDurationMs, durationOf(executor)),
  };
}

/** The executor with `vus` as its highest VU count, everything below in proportion. */
function withVus(executor: ExecutorPlan, vus: number): ExecutorPlan {
  const scaled = (count: number): number => Math.round((count * vus) / maxVusOf(executor));
  switch (executor.kind) {
    case 'ramping-vus':
      return {
        ...executor,
        startVUs: scaled(executor.startVUs),
        stages: executor.stages.map((stage) => ({ ...stage, target: scaled(stage.target) })),
      };
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
      return { ...executor, maxVUs: vus, preAllocatedVUs: Math.max(1, scaled(executor.preAllocatedVUs)) };
    case 'externally-controlled':
      return { ...executor, maxVUs: vus, vus: scaled(executor.vus) };
    default:
      return { ...executor, vus };
  }
}

/** Side by side, the scenarios share `users` exactly; one after the other, the highest one has `users`. */
function withUsers(layout: Layout, users: number): Layout {
  const now = layout.items.map(({ scenario }) => maxVusOf(scenario.executor));
  const highest = Math.max(...now);
  const wanted =
    layout.kind === 'parallel'
      ? allocate(users, now)
      : now.map((count) => Math.max(1, Math.round((count * users) / highest)));
  if (wanted.includes(0)) {
    throw new UsageError(`--users ${users} cannot be shared out among ${now.length} scenarios`);
  }
  return mapScenarios(layout, (scenario, i) => ({
    ...scenario,
    executor: withVus(scenario.executor, wanted[i]!),
  }));
}

/** As with users: a sum side by side, the highest one after the other. A ramp counts by its highest rate. */
function withRate(layout: Layout, ratePerSec: number): Layout {
  const now = layout.items.map(({ scenario: { executor } }) =>
    isArrivalRate(executor) ? exactRate(peakRatePerSec(executor), executor.timeUnitMs) : zero,
  );
  const greater = (a: Fraction, b: Fraction): Fraction => (compare(a, b) > 0 ? a : b);
  const whole = now.reduce(layout.kind === 'parallel' ? sum : greater, zero);
  if (compare(whole, zero) === 0) {
    throw new UsageError('--rate cannot scale a profile whose rates are all 0', {
      hint: 'give the profile a rate above 0',
    });
  }
  return mapExecutors(layout, (executor) => withRateOf(executor, quotient(fractionOf(ratePerSec), whole)));
}

function withRateOf(executor: ExecutorPlan, factor: Fraction): ExecutorPlan {
  if (!isArrivalRate(executor)) return executor;
  const { timeUnitMs, ...perSec } = executor;
  const scaled = (rate: number): number => toNumber(product(exactRate(rate, timeUnitMs), factor));
  if (perSec.kind === 'constant-arrival-rate') return { ...perSec, ratePerSec: scaled(perSec.ratePerSec) };
  return {
    ...perSec,
    startRatePerSec: scaled(perSec.startRatePerSec),
    stages: perSec.stages.map((stage) => ({ ...stage, target: scaled(stage.target) })),
  };
}

/** Stretches or shrinks everything in proportion, so that the whole takes `durationMs`. */
function withLength(layout: Layout, durationMs: number): Layout {
  const nowMs = lengthOf(layout);
  if (nowMs === 0) {
    throw new UsageError('--duration cannot stretch a profile that takes no time', {
      hint: 'give a stage of the profile a duration above 0',
    });
  }
  const factor = quotient(fractionOf(durationMs), fractionOf(nowMs));
  const scaled = (ms: number): number => toNumber(product(fractionOf(ms), factor));
  const items = layout.items.map(({ scenario, pauseMs }) => ({
    pauseMs: scaled(pauseMs),
    scenario: {
      ...scenario,
      startAtMs: scaled(scenario.startAtMs),
      executor: stretched(scenario.executor, scaled),
    },
  }));
  return { ...layout, items };
}

function stretched(executor: ExecutorPlan, scaled: (ms: number) => number): ExecutorPlan {
  // A ramp-up stays as it is while it fits: how fast users arrive is part of the load, not of its length.
  const fitting = (rampUpMs: number, lengthMs: number): number =>
    rampUpMs <= lengthMs ? rampUpMs : scaled(rampUpMs);
  switch (executor.kind) {
    case 'constant-vus': {
      const durationMs = scaled(executor.durationMs);
      return { ...executor, durationMs, rampUpMs: fitting(executor.rampUpMs, durationMs) };
    }
    case 'per-vu-iterations':
    case 'shared-iterations': {
      const maxDurationMs = scaled(executor.maxDurationMs);
      return { ...executor, maxDurationMs, rampUpMs: fitting(executor.rampUpMs, maxDurationMs) };
    }
    case 'constant-arrival-rate':
    case 'externally-controlled':
      return { ...executor, durationMs: scaled(executor.durationMs) };
    case 'ramping-vus':
    case 'ramping-arrival-rate': {
      const stages = executor.stages.map((stage) => ({ ...stage, durationMs: scaled(stage.durationMs) }));
      return { ...executor, stages };
    }
  }
}

function withRampUp(executor: ExecutorPlan, rampUpMs: number): ExecutorPlan {
  if (!('rampUpMs' in executor)) return executor;
  const lengthMs = durationOf(executor);
  if (rampUpMs > lengthMs) {
    throw new UsageError(
      `--ramp-up ${formatDuration(rampUpMs)} is longer than the whole, ${formatDuration(lengthMs)}`,
    );
  }
  return { ...executor, rampUpMs };
}

function withThinkTime(scenario: ScenarioPlan, ms: number): ScenarioPlan {
  if (!loopingKinds.includes(scenario.executor.kind)) return scenario;
  return { ...scenario, users: scenario.users.map((user) => ({ ...user, thinkTime: fixedThinkTime(ms) })) };
}
