// How much load a target carries, as one or several runs show it: by a search, by the load at which a limit broke, by the
// curve through their levels, or by the load at which all limits held. Refuses where runs cannot tell. Called by
// capacity-plan.ts.

import { judgedThresholds } from '../../judge/judged-thresholds.ts';
import { kindsOfRun, operationMetrics } from '../../model/operation.ts';
import type { Measurements } from '../../model/run-record.ts';
import type { VerdictStatus } from '../../model/verdict.ts';
import { formatFigure } from '../../text/format-figure.ts';
import { breakingLoadOf } from '../breaking-point.ts';
import { findCapacity } from '../capacity.ts';
import { countOf } from '../measured.ts';
import type { Estimate, Scalability } from '../scalability.ts';
import { findLevels, type Level } from '../scaling-levels.ts';

/** A record with what its verdict is. */
export interface JudgedRecord {
  readonly measured: Measurements;
  readonly status: VerdictStatus;
}

export interface CarriedLoad {
  readonly basis: 'search' | 'breaking-point' | 'curve' | 'held';
  /** Users that were carried; absent in the open model. `high` is where a limit broke, infinite where none did. */
  readonly users?: Estimate;
  /** Operations per second there, and what they are called: `requests/s`. */
  readonly rate: Estimate;
  readonly perSec: string;
  /** How it is known. */
  readonly sentence: string;
}

/** The load, or why nothing can be said of it. */
export type Carried = CarriedLoad | { readonly refusal: string };

export function carriedBy(records: readonly JudgedRecord[], scalability: Scalability | undefined): Carried {
  const [first] = records;
  if (first === undefined) return { refusal: 'There is no run.' };
  const limited = records.find(
    ({ measured }) => measured.generator.saturated && measured.plan.search === undefined,
  );
  if (limited !== undefined) {
    return { refusal: 'The load generator was the limit, so the run does not show what the target carries.' };
  }
  const { perSec, perIteration } = operationsOf(first.measured);
  const made = (carried: Figures): CarriedLoad => {
    const { iterationsPerSec, ...rest } = carried;
    const scaled = (value: number): number => value * perIteration;
    const { value, low, high } = iterationsPerSec;
    return { ...rest, rate: { value: scaled(value), low: scaled(low), high: scaled(high) }, perSec };
  };
  const figures =
    records.length === 1
      ? (bySearch(first.measured) ?? byBreakingPoint(first.measured, scalability))
      : undefined;
  if (figures !== undefined) return 'refusal' in figures ? figures : made(figures);
  if (records.some(({ measured }) => measured.plan.search !== undefined)) {
    return {
      refusal: 'Several runs of which one is a search are not put together: look at the search alone.',
    };
  }
  const levels = byLevels(records, scalability);
  return 'refusal' in levels ? levels : made(levels);
}

interface Figures extends Omit<CarriedLoad, 'rate' | 'perSec'> {
  readonly iterationsPerSec: Estimate;
}

type Found = Figures | { readonly refusal: string };

/** What the run counts besides iterations, and how many of them an iteration has. */
function operationsOf(measured: Measurements): { readonly perSec: string; readonly perIteration: number } {
  const [kind = 'iteration'] = kindsOfRun((metric) => countOf(measured, metric));
  const { count, noun } = operationMetrics[kind];
  const perSec = `${noun}s/s`;
  const iterations = countOf(measured, 'iterations');
  return { perSec, perIteration: iterations === 0 ? 1 : countOf(measured, count) / iterations };
}

function from(value: number, high = Number.POSITIVE_INFINITY): Estimate {
  return { value, low: value, high: Math.max(value, high) };
}

function loadText(load: number, unit: 'users' | 'iterations/s'): string {
  return formatFigure(unit === 'users' ? Math.round(load) : Number(load.toPrecision(4)), unit);
}

function bySearch(measured: Measurements): Found | undefined {
  const capacity = findCapacity(measured);
  if (capacity === undefined) return undefined;
  const { unit, highest, firstBroken } = capacity;
  if (highest === undefined) return { refusal: 'No step of the search held its limits.' };
  const broken = firstBroken === undefined ? undefined : `; ${loadText(firstBroken.load, unit)} broke one`;
  return {
    basis: 'search',
    ...(unit === 'users' && { users: from(highest.load, firstBroken?.load) }),
    iterationsPerSec: from(highest.achievedPerSec, firstBroken?.achievedPerSec),
    sentence: `The search held its limits at ${loadText(highest.load, unit)}${broken ?? ', and found no load that breaks one'}.`,
  };
}

function byBreakingPoint(measured: Measurements, scalability: Scalability | undefined): Figures | undefined {
  const found = breakingLoadOf(measured);
  if (found === undefined) return undefined;
  const { unit, held, iterationsPerSec, broke } = found;
  const end =
    broke === undefined
      ? `The limits held up to ${loadText(held, unit)}, the highest load of the run.`
      : `The limits held up to ${loadText(held, unit)} while the load rose, and broke at ${loadText(broke, unit)}.`;
  const model = scalability?.model;
  if (unit === 'users' && model !== undefined && model.capacity.load < held) {
    const high = Math.min(
      broke ?? Number.POSITIVE_INFINITY,
      model.peak?.load.high ?? Number.POSITIVE_INFINITY,
    );
    return {
      basis: 'curve',
      users: from(model.capacity.load, high),
      iterationsPerSec: from(model.capacity.throughput, model.peak?.throughput.high),
      sentence:
        model.peak !== undefined && model.peak.load.low <= model.capacity.load
          ? `${end} Throughput does not grow beyond ${loadText(model.capacity.load, unit)}, the low end of the peak of the curve.`
          : `${end} The largest load that was held steady is ${loadText(model.capacity.load, unit)}.`,
    };
  }
  return {
    basis: 'breaking-point',
    ...(unit === 'users' && { users: from(held, broke) }),
    iterationsPerSec: from(
      iterationsPerSec,
      broke === undefined ? undefined : (iterationsPerSec * broke) / held,
    ),
    sentence: end,
  };
}

interface HeldLevel extends Level {
  readonly status: VerdictStatus;
}

/** By levels of steady load: a run that passed held all of its own; one that failed broke at its only one. */
function byLevels(records: readonly JudgedRecord[], scalability: Scalability | undefined): Found {
  if (scalability === undefined) return { refusal: 'No level of load was held that a plan sets.' };
  const all = records.flatMap(({ measured, status }): readonly HeldLevel[] =>
    (findLevels(measured)?.levels ?? []).map((level) => ({ ...level, status })),
  );
  const counted = all.filter(({ leftOut }) => leftOut === undefined);
  const failed = records.filter(({ status }) => status === 'fail');
  const unclear = failed.some(({ measured }) => (findLevels(measured)?.levels.length ?? 0) > 1);
  if (unclear) {
    return {
      refusal: 'Limits broke, and the run has several levels of load: it does not tell at which of them.',
    };
  }
  const broken = Math.min(
    Number.POSITIVE_INFINITY,
    ...all.filter(({ status }) => status === 'fail').map(({ load }) => load),
  );
  const held = counted
    .filter(({ status, load }) => (status === 'pass' || status === 'warn') && load < broken)
    .sort((a, b) => a.load - b.load)
    .at(-1);
  if (held === undefined) return { refusal: heldNothing(records) };
  const hasLimits = records.every(({ measured }) => measuresTarget(measured));
  const { model, unit, refusal } = scalability;
  const words = (load: number): string =>
    unit === 'users' ? loadText(load, 'users') : `${formatFigure(load, 'count')} iterations in flight`;
  const limits = hasLimits ? 'all limits held' : 'no limit on times or failures was set';
  if (model !== undefined) {
    const isBelowPeak = model.capacity.load <= held.load;
    const load = Math.min(model.capacity.load, held.load);
    const throughput = isBelowPeak ? model.capacity.throughput : held.throughput;
    const high = Math.min(broken, model.peak?.load.high ?? Number.POSITIVE_INFINITY);
    return {
      basis: 'curve',
      ...(unit === 'users' && { users: from(load, high) }),
      iterationsPerSec: from(throughput, model.peak?.throughput.high),
      sentence: `${words(load)} is the largest load that was measured, or the low end of the peak of the curve where that is lower; ${limits}.`,
    };
  }
  if (!hasLimits) {
    return {
      refusal: `No threshold on response times or failures says what counts as carried, and there is no curve: ${lowered(refusal ?? '')}`,
    };
  }
  return {
    basis: 'held',
    ...(unit === 'users' && { users: from(held.load, broken) }),
    iterationsPerSec: from(held.throughput),
    sentence: `All limits held at ${words(held.load)}; ${Number.isFinite(broken) ? `a run at ${words(broken)} broke one` : 'more was not tried'}.`,
  };
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function heldNothing(records: readonly JudgedRecord[]): string {
  return records.every(({ status }) => status === 'fail')
    ? 'Limits broke, and no lower load was measured.'
    : 'No level of load was measured that counts: see the verdict.';
}

/** Whether a limit on times or failures of operations says what counts as carried. */
function measuresTarget(measured: Measurements): boolean {
  const names: ReadonlySet<string> = new Set(
    Object.values(operationMetrics).flatMap(({ duration, failed }) => [duration, failed]),
  );
  return judgedThresholds(measured).some(
    ({ plan, result }) => names.has(plan.metric) && result.actual !== null,
  );
}
