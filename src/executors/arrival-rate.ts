// What the executors share that start iterations by a rate, whatever the target does: fields, plan, words.

import { formatCount } from '../text/format-figure.ts';
import { type Duration, msOf, parseDuration } from '../time/duration.ts';
import { mostRatePerSec } from './bounds.ts';
import type { FieldMistake, OpenPlan, Unchecked } from './executor.ts';
import { type Field, optional, someVus } from './fields.ts';
import type { PoissonArrivals, TimeUnitMs } from './load-values.ts';
import { vusText } from './ramp-up.ts';
import { partsOf } from './stages.ts';

/** How the starts of an arrival rate lie in time: evenly spaced, or at random as independent visitors come. */
type Arrivals = 'even' | 'poisson';

/** What every scenario with rates has. */
export interface RateDefinition {
  /** What rates are counted by; a second when absent. */
  readonly timeUnit?: Duration;
  readonly preAllocatedVUs: number;
  readonly maxVUs?: number;
}

export interface ArrivalDefinition extends RateDefinition {
  /** `even` when absent. */
  readonly arrivals?: Arrivals;
}

export const rateFields = {
  timeUnit: optional({ kind: 'duration', leastMs: 1 }),
  preAllocatedVUs: someVus,
  maxVUs: optional(someVus),
} as const;

export const arrivalsField: Field = optional({ kind: 'choice', values: ['even', 'poisson'] });

/** Arrivals per second of `rate` arrivals in each `timeUnit`. */
export function ratePerSecOf(rate: number, timeUnit: Duration = 1000): number {
  return (rate * 1000) / msOf(timeUnit);
}

/** How rates are counted, where it is not by the second. */
export function planTimeUnit(timeUnit: Duration = 1000): { readonly timeUnitMs?: TimeUnitMs } {
  const timeUnitMs = msOf(timeUnit);
  return timeUnitMs === 1000 ? {} : { timeUnitMs };
}

export function planArrivals({ preAllocatedVUs, maxVUs = preAllocatedVUs, arrivals }: ArrivalDefinition): {
  readonly preAllocatedVUs: number;
  readonly maxVUs: number;
  readonly arrivals?: PoissonArrivals;
} {
  return { preAllocatedVUs, maxVUs, ...(arrivals === 'poisson' && { arrivals }) };
}

/** `20 to 50 VUs`, `50 VUs, poisson arrivals`. */
export function arrivalText({ preAllocatedVUs, maxVUs, arrivals }: OpenPlan): string {
  const vus =
    preAllocatedVUs === maxVUs ? vusText(maxVUs) : `${formatCount(preAllocatedVUs)} to ${vusText(maxVUs)}`;
  return arrivals === undefined ? vus : `${vus}, ${arrivals} arrivals`;
}

/** `/s`, `/1m`: what a rate as written is per. */
export function unitText(timeUnit: Duration = '1s'): string {
  return timeUnit === '1s' ? '/s' : `/${timeUnit}`;
}

export function withOpenVus<Plan extends OpenPlan>(plan: Plan, vus: number): Plan {
  const preAllocatedVUs = Math.max(1, Math.round((plan.preAllocatedVUs * vus) / plan.maxVUs));
  return { ...plan, maxVUs: vus, preAllocatedVUs };
}

/** Rates that are too high, of the fields named and of the stages if there are any; fewer VUs at most than at first. */
export function findRateMistakes(scenario: Unchecked, rateNames: readonly string[]): FieldMistake[] {
  return [...findHighRates(scenario, rateNames), ...findFewerAtMost(scenario)];
}

/** Rates are per time unit, and what bounds them is per second. */
function findHighRates(scenario: Unchecked, rateNames: readonly string[]): FieldMistake[] {
  const { stages, timeUnit = 1000 } = scenario;
  const unitMs = parseDuration(timeUnit);
  if (unitMs === undefined || unitMs === 0) return [];
  const most = (mostRatePerSec * unitMs) / 1000;
  const check = (at: FieldMistake['at'], found: unknown): FieldMistake[] =>
    typeof found === 'number' && found > most
      ? [{ at, expected: `a rate of at most ${mostRatePerSec} per second, here ${most}`, found }]
      : [];
  const ofStages = Array.isArray(stages)
    ? (stages as unknown[]).flatMap((stage, i) => check(['stages', i, 'target'], partsOf(stage).target))
    : [];
  return [...rateNames.flatMap((name) => check([name], scenario[name])), ...ofStages];
}

function findFewerAtMost({ preAllocatedVUs, maxVUs }: Unchecked): FieldMistake[] {
  if (typeof maxVUs !== 'number' || typeof preAllocatedVUs !== 'number' || maxVUs >= preAllocatedVUs)
    return [];
  return [{ at: ['maxVUs'], expected: `at least preAllocatedVUs, ${preAllocatedVUs}`, found: maxVUs }];
}
