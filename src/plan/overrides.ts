// What the command line changes in a profile: load, length, pace. Applied by plan.ts to the layout, before the
// plan is made of it.

import { mostIterations, mostRatePerSec, mostVus } from '../executors/bounds.ts';
import type { LoadForm, LoadModel } from '../executors/executor.ts';
import { type ExecutorPlan, executors } from '../executors/executors.ts';
import { defaultMaxDurationMs } from '../executors/fixed-iterations.ts';
import {
  durationOf,
  isArrivalRate,
  isClosed,
  maxVusOf,
  modelOf,
  peakRatePerSec,
  withRates,
  withVus,
} from '../executors/of-plan.ts';
import { exactRate } from '../executors/rate-curve.ts';
import { UsageError } from '../model/errors.ts';
import type { ScenarioPlan } from '../model/plan.ts';
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
import { formatDuration, longestMs } from '../time/duration.ts';
import { type Layout, lengthOf, stretchedTo } from './layout.ts';
import { fixedThinkTime } from './scenario.ts';

/** Every override that is absent leaves the profile as it is. */
export interface Overrides {
  /** VUs in all: sets them, scales the stages of a ramp, or sets `maxVUs` of an arrival rate. */
  readonly users?: number | undefined;
  /** Iterations of each user: turns VU executors into per-vu-iterations. */
  readonly ops?: number | undefined;
  /** Length of the whole profile. */
  readonly durationMs?: number | undefined;
  /** How many times shorter everything that lasts is made; see compress.ts. */
  readonly compress?: number | undefined;
  readonly rampUpMs?: number | undefined;
  /** Users that start in a second: another way to say the ramp-up. */
  readonly spawnRatePerSec?: number | undefined;
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

const loopingModels: readonly LoadModel[] = ['closed', 'controlled'];

interface Rule {
  readonly flag: string;
  readonly takenBy: (executor: LoadForm<never>) => boolean;
  readonly holds: (value: number) => boolean;
  readonly expected: string;
}

const ofClosed = ({ model }: LoadForm<never>): boolean => model === 'closed';
const ofLooping = ({ model }: LoadForm<never>): boolean => loopingModels.includes(model);
const ofAny = (): boolean => true;

const isWhole = (least: number, most: number) => (value: number) =>
  Number.isInteger(value) && value >= least && value <= most;

const rules = {
  ops: {
    flag: '--ops',
    takenBy: ofClosed,
    holds: isWhole(1, mostIterations),
    expected: `1 to ${mostIterations}`,
  },
  users: { flag: '--users', takenBy: ofAny, holds: isWhole(1, mostVus), expected: `1 to ${mostVus}` },
  ratePerSec: {
    flag: '--rate',
    takenBy: ({ model }) => model === 'open',
    holds: (value) => value > 0 && value <= mostRatePerSec,
    expected: `a rate above 0 and of at most ${mostRatePerSec} per second`,
  },
  durationMs: {
    flag: '--duration',
    takenBy: ofAny,
    holds: (value) => value >= 100 && value <= longestMs,
    expected: `a duration from 100ms to ${formatDuration(longestMs)}`,
  },
  rampUpMs: {
    flag: '--ramp-up',
    takenBy: ({ fields }) => 'rampUp' in fields,
    holds: (value) => value >= 0 && value <= longestMs,
    expected: `a duration of at most ${formatDuration(longestMs)}`,
  },
  spawnRatePerSec: {
    flag: '--spawn-rate',
    takenBy: ({ fields }) => 'rampUp' in fields,
    holds: (value) => value > 0 && value <= mostVus,
    expected: `a number of users above 0 and of at most ${mostVus}`,
  },
  thinkTimeMs: {
    flag: '--think-time',
    takenBy: ofLooping,
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
  spawnRatePerSec: (layout, perSec) =>
    mapExecutors(layout, (executor) => withRampUp(executor, (maxVusOf(executor) / perSec) * 1000)),
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

function assertTaken(layout: Layout, profile: string, { flag, takenBy }: Rule): void {
  const takers = Object.entries(executors).flatMap(([kind, executor]) => (takenBy(executor) ? [kind] : []));
  const there: string[] = layout.items.map(({ scenario }) => scenario.executor.kind);
  const isSearchRate = layout.kind === 'search' && flag === '--rate';
  if (!isSearchRate && there.some((kind) => takers.includes(kind))) return;
  const named = layout.kind === 'search' ? 'capacity-search' : [...new Set(there)].join(', ');
  throw new UsageError(`${flag} does not fit the profile ${profile}, whose executor is ${named}`, {
    hint: `executors that take ${flag}: ${takers.join(', ')}`,
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
  if (!isClosed(executor)) return executor;
  if (executor.kind === 'per-vu-iterations') return { ...executor, iterations };
  return {
    kind: 'per-vu-iterations',
    vus: maxVusOf(executor),
    iterations,
    rampUpMs: 'rampUpMs' in executor ? executor.rampUpMs : 0,
    maxDurationMs: Math.max(defaultMaxDurationMs, durationOf(executor)),
  };
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
  const { timeUnitMs } = executor;
  return withRates(executor, (rate) => toNumber(product(exactRate(rate, timeUnitMs), factor)));
}

/** Stretches or shrinks everything in proportion, so that the whole takes `durationMs`. */
function withLength(layout: Layout, durationMs: number): Layout {
  const nowMs = lengthOf(layout);
  if (nowMs === 0) {
    throw new UsageError('--duration cannot stretch a profile that takes no time', {
      hint: 'give a stage of the profile a duration above 0',
    });
  }
  return stretchedTo(layout, durationMs);
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
  if (!loopingModels.includes(modelOf(scenario.executor))) return scenario;
  return { ...scenario, users: scenario.users.map((user) => ({ ...user, thinkTime: fixedThinkTime(ms) })) };
}
