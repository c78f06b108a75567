// The feedback loop of `plimsoll capacity` as a pure function: from the steps so far to the next one. Called
// while the search runs, and again when its record is analysed.

import type { AdaptiveSearch, SearchPurpose, SearchTrial, SearchUnit } from '../model/plan.ts';

/** One step that was carried out, and how it ended. */
export interface SearchAttempt extends SearchTrial {
  readonly load: number;
}

/** What a search found. `safe` is the highest load that held, `breaking` the lowest that did not. */
export type SearchResult =
  /** `safe` held, and held again when confirmed. */
  | { readonly kind: 'found'; readonly safe: number; readonly breaking: number }
  /** Nothing broke up to the highest load allowed. */
  | { readonly kind: 'at-least'; readonly safe: number }
  /** `safe` held, and held again; from `limit` on the generator could not drive the load. Nothing broke below it. */
  | { readonly kind: 'generator-limit'; readonly safe: number; readonly limit: number }
  /** Not even the lowest load held. */
  | { readonly kind: 'none'; readonly breaking: number }
  /** The generator could not drive even the lowest load, so nothing can be said about the target. */
  | { readonly kind: 'inconclusive'; readonly load: number }
  /** After the most steps that a search may take, outcomes still contradict each other. */
  | { readonly kind: 'unsettled' };

export type SearchDecision =
  | { readonly kind: 'step'; readonly load: number; readonly purpose: SearchPurpose }
  | { readonly kind: 'done'; readonly result: SearchResult };

export interface SearchRules extends Pick<AdaptiveSearch, 'from' | 'to' | 'precision'> {
  readonly unit: SearchUnit;
}

const growth = 2;
/** A search that starts above the capacity goes down to this share of its first load, and not below. */
const lowestShare = 1 / 32;
/** A search that outcomes lead to and fro ends after so many steps; one that they do not, long before. */
const mostSteps = 100;

/**
 * Decides the next step. The load doubles from `from` until a step does not hold (never above `to`); then the middle
 * between the highest load that held and the lowest that did not is tried, until they differ by at most `precision`
 * times the former; then that one is confirmed. A step that was noisy, or that the generator could not drive, is
 * repeated once: noisy again counts as broken, saturated again as a limit of the generator, beyond which nothing is
 * tried. When the confirmation does not hold, the search goes on below it.
 */
export function decideNext(rules: SearchRules, attempts: readonly SearchAttempt[]): SearchDecision {
  const last = attempts.at(-1);
  if (last === undefined) return { kind: 'step', load: rules.from, purpose: 'grow' };
  const { safe, breaking, limited, confirmed } = boundsOf(attempts);
  const upper = Math.min(breaking ?? Number.POSITIVE_INFINITY, limited ?? Number.POSITIVE_INFINITY);
  if (attempts.length >= mostSteps) return { kind: 'done', result: { kind: 'unsettled' } };
  const isGoingDown = attempts.length > 1 && attempts.every(({ outcome }) => outcome === 'saturated');
  if (last.purpose !== 'repeat' && isDoubtful(last, isGoingDown)) {
    return { kind: 'step', load: last.load, purpose: 'repeat' };
  }
  if (upper === Number.POSITIVE_INFINITY) return whileNothingBroke(rules, safe ?? rules.from);
  if (safe === undefined) return below(rules, upper, upper === limited);
  if (!isPrecise(rules, safe, upper)) {
    return { kind: 'step', load: middle(rules.unit, safe, upper), purpose: 'narrow' };
  }
  if (confirmed !== safe) return { kind: 'step', load: safe, purpose: 'confirm' };
  return {
    kind: 'done',
    result:
      upper === breaking
        ? { kind: 'found', safe, breaking }
        : { kind: 'generator-limit', safe, limit: upper },
  };
}

/** On its way down from what the generator cannot drive, a search does not ask twice whether it can drive a load. */
function isDoubtful({ outcome }: SearchAttempt, isGoingDown: boolean): boolean {
  return outcome === 'noisy' || (outcome === 'saturated' && !isGoingDown);
}

export interface SearchBounds {
  /** The highest load that held below all that did not. */
  readonly safe: number | undefined;
  readonly breaking: number | undefined;
  /** The lowest load that the generator could not drive. */
  readonly limited: number | undefined;
  readonly confirmed: number | undefined;
}

/** What the steps so far say of the load. */
export function boundsOf(attempts: readonly SearchAttempt[]): SearchBounds {
  const held: number[] = [];
  let breaking: number | undefined;
  let limited: number | undefined;
  let confirmed: number | undefined;
  for (const [i, { load, purpose, outcome }] of attempts.entries()) {
    const isRepeat = purpose === 'repeat';
    // What the first try of a repeated step showed does not count.
    if (attempts[i + 1]?.purpose === 'repeat') continue;
    if (outcome === 'held') {
      held.push(load);
      if (purpose === 'confirm' || (isRepeat && attempts[i - 1]?.purpose === 'confirm')) confirmed = load;
    } else if (outcome === 'saturated') limited = Math.min(load, limited ?? load);
    else breaking = Math.min(load, breaking ?? load);
  }
  const upper = Math.min(breaking ?? Number.POSITIVE_INFINITY, limited ?? Number.POSITIVE_INFINITY);
  const below = held.filter((load) => load < upper);
  return { safe: below.length === 0 ? undefined : Math.max(...below), breaking, limited, confirmed };
}

function whileNothingBroke({ unit, to }: SearchRules, safe: number): SearchDecision {
  if (safe >= to) return { kind: 'done', result: { kind: 'at-least', safe } };
  return { kind: 'step', load: Math.min(rounded(unit, safe * growth), to), purpose: 'grow' };
}

/** Nothing has held yet, so the search goes down. */
function below({ unit, from }: SearchRules, upper: number, isGenerator: boolean): SearchDecision {
  const load = rounded(unit, upper / growth);
  const lowest = unit === 'users' ? 1 : from * lowestShare;
  if (load >= lowest && load < upper) return { kind: 'step', load, purpose: 'narrow' };
  return {
    kind: 'done',
    result: isGenerator ? { kind: 'inconclusive', load: upper } : { kind: 'none', breaking: upper },
  };
}

function isPrecise({ unit, precision }: SearchRules, safe: number, breaking: number): boolean {
  const next = middle(unit, safe, breaking);
  // There is nothing between 7 and 8 users, nor between two rates that differ in the fifth digit.
  return breaking - safe <= precision * safe || next <= safe || next >= breaking;
}

function middle(unit: SearchUnit, safe: number, breaking: number): number {
  return unit === 'users' ? Math.floor((safe + breaking) / 2) : rounded(unit, (safe + breaking) / 2);
}

/** Loads that people can read: whole users, rates of four digits. */
function rounded(unit: SearchUnit, load: number): number {
  return unit === 'users' ? Math.floor(load) : Number(load.toPrecision(4));
}
