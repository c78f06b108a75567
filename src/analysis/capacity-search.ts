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
  /** Not even the lowest load held. */
  | { readonly kind: 'none'; readonly breaking: number }
  /** The generator could not drive a step, so nothing can be said about the target. */
  | { readonly kind: 'inconclusive'; readonly load: number };

export type SearchDecision =
  | { readonly kind: 'step'; readonly load: number; readonly purpose: SearchPurpose }
  | { readonly kind: 'done'; readonly result: SearchResult };

export interface SearchRules extends Pick<AdaptiveSearch, 'from' | 'to' | 'precision'> {
  readonly unit: SearchUnit;
}

const growth = 2;
/** A search that starts above the capacity goes down to this share of its first load, and not below. */
const lowestShare = 1 / 32;

/**
 * Decides the next step. The load doubles from `from` until a step breaks (never above `to`); then the middle
 * between the highest load that held and the lowest that broke is tried, until they differ by at most `precision`
 * times the former; then that one is confirmed. A step that was noisy, or that the generator could not drive, is
 * repeated once: noisy again counts as broken, saturated again ends the search. When the confirmation breaks, the
 * search goes on below it.
 */
export function decideNext(rules: SearchRules, attempts: readonly SearchAttempt[]): SearchDecision {
  const last = attempts.at(-1);
  if (last === undefined) return { kind: 'step', load: rules.from, purpose: 'grow' };
  const isDoubtful = last.outcome === 'noisy' || last.outcome === 'saturated';
  if (isDoubtful && last.purpose !== 'repeat') return { kind: 'step', load: last.load, purpose: 'repeat' };
  if (last.outcome === 'saturated') {
    return { kind: 'done', result: { kind: 'inconclusive', load: last.load } };
  }
  const bounds = boundsOf(attempts);
  const { safe, breaking } = bounds;
  if (breaking === undefined) return whileNothingBroke(rules, safe ?? rules.from);
  if (safe === undefined) return below(rules, breaking);
  if (isPrecise(rules, safe, breaking)) {
    return bounds.confirmed === safe
      ? { kind: 'done', result: { kind: 'found', safe, breaking } }
      : { kind: 'step', load: safe, purpose: 'confirm' };
  }
  return { kind: 'step', load: middle(rules.unit, safe, breaking), purpose: 'narrow' };
}

interface Bounds {
  readonly safe: number | undefined;
  readonly breaking: number | undefined;
  readonly confirmed: number | undefined;
}

function boundsOf(attempts: readonly SearchAttempt[]): Bounds {
  const held: number[] = [];
  let breaking: number | undefined;
  let confirmed: number | undefined;
  for (const [i, { load, purpose, outcome }] of attempts.entries()) {
    const isRepeat = purpose === 'repeat';
    // What the first try of a repeated step showed does not count.
    if ((outcome === 'noisy' || outcome === 'saturated') && !isRepeat) continue;
    if (outcome === 'held') {
      held.push(load);
      if (purpose === 'confirm' || (isRepeat && attempts[i - 1]?.purpose === 'confirm')) confirmed = load;
    } else breaking = Math.min(load, breaking ?? load);
  }
  const below = held.filter((load) => load < (breaking ?? Number.POSITIVE_INFINITY));
  return { safe: below.length === 0 ? undefined : Math.max(...below), breaking, confirmed };
}

function whileNothingBroke({ unit, to }: SearchRules, safe: number): SearchDecision {
  if (safe >= to) return { kind: 'done', result: { kind: 'at-least', safe } };
  return { kind: 'step', load: Math.min(rounded(unit, safe * growth), to), purpose: 'grow' };
}

/** Nothing has held yet, so the search goes down. */
function below({ unit, from }: SearchRules, breaking: number): SearchDecision {
  const load = rounded(unit, breaking / growth);
  const lowest = unit === 'users' ? 1 : from * lowestShare;
  if (load < lowest || load >= breaking) return { kind: 'done', result: { kind: 'none', breaking } };
  return { kind: 'step', load, purpose: 'narrow' };
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
