// The words in which an executor says what its fields are: those that a scenario is written with, and those of its plan.
// suite/ and store/ make schemas of them; a worker, which checks nothing, loads no library for it.

import { mostIterations, mostVus, shortestRunMs } from './bounds.ts';

/** What may stand in one field of a scenario. */
export type Field = FieldForm & {
  /** The field may be left out. */
  readonly optional?: true;
};

type FieldForm =
  | { readonly kind: 'whole'; readonly least: number; readonly most: number }
  /** A rate per `timeUnit`; 0 only with `orZero`. */
  | { readonly kind: 'rate'; readonly orZero?: true }
  | { readonly kind: 'duration'; readonly leastMs: number }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  /** One or more, each with a `duration` and a `target`. */
  | { readonly kind: 'stages'; readonly target: Field };

/** One field per key of a definition, no more and no less. */
export type FieldsOf<Definition> = {
  readonly [Key in Exclude<keyof Required<Definition>, 'executor'>]: Field;
};

/** What stands in one field of a plan: counts and times are numbers of 0 or more. */
export type PlanField = 'count' | 'ms' | 'stages' | 'rate-stages' | 'time-unit' | 'arrivals';

/** One word per key of a plan. */
export type PlanFieldsOf<Plan> = { readonly [Key in Exclude<keyof Required<Plan>, 'kind'>]: PlanField };

export function optional(field: Field): Field {
  return { ...field, optional: true };
}

/** VUs, at least one. */
export const someVus: Field = { kind: 'whole', least: 1, most: mostVus };
/** VUs, perhaps none. */
export const anyVus: Field = { kind: 'whole', least: 0, most: mostVus };
export const iterationCount: Field = { kind: 'whole', least: 1, most: mostIterations };
export const aDuration: Field = { kind: 'duration', leastMs: 0 };
/** The length of a scenario. */
export const runLength: Field = { kind: 'duration', leastMs: shortestRunMs };
/** A rate above 0. */
export const aRate: Field = { kind: 'rate' };
export const anyRate: Field = { kind: 'rate', orZero: true };
