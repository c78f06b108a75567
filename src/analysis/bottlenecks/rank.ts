// Puts the candidates in order: first what is full or refuses, as the USE method has it, and what is a consequence of
// something else behind that; then how well each explains response times; then whether it fits which operations are slow.
// Called by bottlenecks.ts.

import type { OperationCost } from '../slowest-operations.ts';
import { type Explanation, explain } from './explains.ts';
import { excessOf } from './judge-rules.ts';
import type { Candidate, Held } from './rule.ts';
import type { Scene } from './scene.ts';
import { hasShortWaits } from './waits-for-cpu.ts';

/** Beyond this chance a correlation is none. */
const significance = 0.05;

export interface Ranked extends Candidate {
  /** What it is a consequence of; absent when of nothing. */
  readonly cause?: Candidate['rule'];
  /** The correlation of its strongest sign with response times that has one; absent when it says nothing. */
  readonly explanation?: Explanation & { readonly held: Held };
  /** It cannot be what is slow: all who use it share it while only some operations are slow, or waits for CPU are too short. */
  readonly misfits: boolean;
  /** The latter. */
  readonly isTooShort: boolean;
}

/**
 * The most likely first; what is concluded by exclusion is left out where anything else is full or does needless work. `slow` are the operations that are slow while others are not.
 */
export function rankCandidates(
  scene: Scene,
  candidates: readonly Candidate[],
  slow: readonly OperationCost[],
): Ranked[] {
  const isSlow = scene.condition.symptoms.some(({ kind }) => kind === 'latency');
  const isAnyFirm = candidates.some(isFirm);
  const areWaitsShort = isSlow && hasShortWaits(scene);
  return candidates
    .filter((one) => !isAnyFirm || tierOf(one) < 3)
    .map((candidate, position) => {
      const cause = causeOf(candidate, candidates);
      const explanation = explanationOf(scene, candidate);
      const isShared = candidate.rule.reach === 'system' && candidate.rule.id !== 'generator';
      const isTooShort = areWaitsShort && isOfMachineCpu(candidate);
      const ranked: Ranked = {
        ...candidate,
        ...(cause !== undefined && { cause }),
        ...(explanation !== undefined && { explanation }),
        misfits: isTooShort || (slow.length > 0 && isSlow && isShared),
        isTooShort,
      };
      return { ranked, position };
    })
    .sort((a, b) => compare(a.ranked, b.ranked) || a.position - b.position)
    .map(({ ranked }) => ranked);
}

function compare(a: Ranked, b: Ranked): number {
  return (
    Number(b.rule.id === 'generator') - Number(a.rule.id === 'generator') ||
    Number(a.cause !== undefined) - Number(b.cause !== undefined) ||
    placeOf(a) - placeOf(b) ||
    tenths(b) - tenths(a) ||
    Number(a.misfits) - Number(b.misfits) ||
    excessOf(b.held[0]!) - excessOf(a.held[0]!)
  );
}

/** The tier; what is merely busy and does not fit which operations are slow comes behind all others. */
function placeOf(ranked: Ranked): number {
  const tier = tierOf(ranked);
  return ranked.misfits && tier >= 2 ? 4 : tier;
}

/** 0: full, waiting or refusing. 1: needless work. 2: in use up to its limit. 3: by exclusion. */
export function tierOf({ held }: Candidate): number {
  return Math.min(
    ...held.map(({ kind, measured }) => {
      if (kind === 'errors' || kind === 'saturation' || measured.isSure === true) return 0;
      return kind === 'waste' ? 1 : kind === 'utilisation' ? 2 : 3;
    }),
  );
}

/** Is about nothing but the CPU of a machine that the target shares. */
function isOfMachineCpu({ rule, held }: Candidate): boolean {
  const ofMachine: readonly string[] =
    rule.id === 'cpu' ? ['machine'] : rule.id === 'other-work' ? ['cpu'] : [];
  return held.every(({ name }) => ofMachine.includes(name));
}

/** Shows a resource full of its own, and not only busy. */
function isFirm(candidate: Candidate): boolean {
  return tierOf(candidate) <= 1;
}

function isSure({ held }: Candidate): boolean {
  return held.some(({ measured }) => measured.isSure === true);
}

function tenths({ explanation }: Ranked): number {
  return explanation === undefined ? 0 : Math.round(10 * explanation.rho);
}

/** What fills up because of something else comes behind it, unless a sign shows it full whatever the others do. */
function causeOf(candidate: Candidate, all: readonly Candidate[]): Candidate['rule'] | undefined {
  const { follows = [], alwaysFollows = [] } = candidate.rule;
  const wanted = [...alwaysFollows, ...(isSure(candidate) ? [] : follows)];
  return all.find((other) => wanted.includes(other.rule.id) && isFirm(other) && causeIsSure(other))?.rule;
}

/** A CPU that is merely busy is no cause of queues elsewhere, nor are connections for which nobody waits. */
function causeIsSure(candidate: Candidate): boolean {
  return !['cpu', 'churn'].includes(candidate.rule.id) || isSure(candidate);
}

function explanationOf(scene: Scene, { held }: Candidate): Ranked['explanation'] {
  for (const one of held) {
    const { series } = one.measured;
    const found = series && explain(scene, series, one.limit.counts === 'under');
    if (found !== undefined && found.pValue < significance) return { ...found, held: one };
  }
  return undefined;
}
