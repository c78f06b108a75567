// How much load a target carries, as one or several runs show it: by a search, by the load at which a limit broke, by the
// curve through their levels, or by the load at which all limits held. Refuses where runs cannot tell. Called by
// capacity-plan.ts.

import { isBroken, isUndecided, judgedThresholds } from '../../judge/judged-thresholds.ts';
import { kindsOfRun, operationMetrics } from '../../model/operation.ts';
import type { Measurements } from '../../model/run-record.ts';
import type { VerdictStatus } from '../../model/verdict.ts';
import { formatFigure } from '../../text/format-figure.ts';
import { findCapacity } from '../capacity.ts';
import { capacitySentences, hasResult } from '../capacity-sentences.ts';
import { countOf } from '../measured.ts';
import { breakingLoadOf } from '../rising-load.ts';
import type { Estimate, Scalability } from '../scalability.ts';
import { findLevels, type Level } from '../scaling-levels.ts';
import { nothingSucceeded, unjudgedFailureSentences } from '../unjudged-failures.ts';

/** A record with what its verdict is. */
export interface JudgedRecord {
  readonly measured: Measurements;
  readonly status: VerdictStatus;
}

export interface CarriedLoad {
  readonly basis: 'search' | 'breaking-point' | 'curve' | 'held';
  /** Users that were carried; absent in the open model. `high` is where a limit broke, infinite where none did. */
  readonly users?: Estimate;
  /** Iterations in flight there, by levels of the open model. */
  readonly inFlight?: number;
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
      ? (bySearch(first) ?? openVerdict(first) ?? byBreakingPoint(first, scalability))
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

/** The smaller of the bounds that are known. */
function least(...bounds: readonly (number | undefined)[]): number {
  return Math.min(Number.POSITIVE_INFINITY, ...bounds.filter((one) => one !== undefined));
}

function loadText(load: number, unit: 'users' | 'iterations/s'): string {
  return formatFigure(unit === 'users' ? Math.round(load) : Number(load.toPrecision(4)), unit);
}

const isInconclusive =
  'The verdict is inconclusive, and the run does not show what the target carries: see the verdict.';

function openVerdict({ status }: JudgedRecord): Found | undefined {
  return status === 'inconclusive' ? { refusal: isInconclusive } : undefined;
}

function bySearch(record: JudgedRecord): Found | undefined {
  const capacity = findCapacity(record.measured);
  if (capacity === undefined) return undefined;
  const { unit, highest, firstBroken } = capacity;
  if (highest === undefined || !hasResult(capacity)) {
    return { refusal: capacitySentences(capacity).join(' ') };
  }
  const open = openVerdict(record);
  if (open !== undefined) return open;
  const lost = nothingSucceeded(record.measured);
  if (lost !== undefined) return { refusal: lost };
  const broken = firstBroken === undefined ? undefined : `; ${loadText(firstBroken.load, unit)} broke one`;
  return {
    basis: 'search',
    ...(unit === 'users' && { users: from(highest.load, firstBroken?.load) }),
    iterationsPerSec: from(highest.achievedPerSec, firstBroken?.achievedPerSec),
    sentence: `The search held its limits at ${loadText(highest.load, unit)}${broken ?? ', and found no load that breaks one'}.`,
  };
}

function byBreakingPoint(
  { measured, status }: JudgedRecord,
  scalability: Scalability | undefined,
): Found | undefined {
  const found = breakingLoadOf(measured);
  if (found === undefined) return undefined;
  const { unit, held, iterationsPerSec, broke, brokePerSec, unlocated } = found;
  const [open] = unlocated;
  if (open !== undefined) {
    return {
      refusal: `The record does not show up to which load all limits held: ${open} does not hold or is open, and the intervals do not tell at which load it broke.`,
    };
  }
  if (status === 'fail' && broke === undefined) {
    return { refusal: 'The run failed, and the record does not tell at which load: see the verdict.' };
  }
  // Errors are fast: limits on times hold all the better.
  const [failing] = broke === undefined ? unjudgedFailureSentences(measured) : [];
  if (failing !== undefined) return { refusal: failing };
  if (!(held > 0)) return { refusal: 'A limit broke at the lowest load of the run already.' };
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
      iterationsPerSec: from(model.capacity.throughput, least(model.peak?.throughput.high, brokePerSec)),
      sentence:
        model.peak !== undefined && model.peak.load.low <= model.capacity.load
          ? `${end} Throughput does not grow beyond ${loadText(model.capacity.load, unit)}, the low end of the peak of the curve.`
          : `${end} The largest load that was held steady is ${loadText(model.capacity.load, unit)}.`,
    };
  }
  return {
    basis: 'breaking-point',
    ...(unit === 'users' && { users: from(held, broke) }),
    iterationsPerSec: from(iterationsPerSec, brokePerSec),
    sentence: end,
  };
}

interface HeldLevel extends Level {
  readonly status: VerdictStatus;
}

/** By levels of steady load: a run that passed held all of its own; one that failed broke at its only one. */
function byLevels(records: readonly JudgedRecord[], scalability: Scalability | undefined): Found {
  if (scalability === undefined) return { refusal: 'No level of load was held that a plan sets.' };
  const levelsOf = ({ measured, status }: JudgedRecord): readonly HeldLevel[] =>
    (findLevels(measured)?.levels ?? []).map((level) => ({ ...level, status }));
  const all = records.flatMap(levelsOf);
  const failed = records.filter(({ status }) => status === 'fail').map(levelsOf);
  if (failed.some(({ length }) => length > 1)) {
    return {
      refusal: 'Limits broke, and the run has several levels of load: it does not tell at which of them.',
    };
  }
  if (records.length > 1 && failed.some(({ length }) => length === 0)) {
    return {
      refusal: 'A run failed of which the record shows no level of load: more than it may be too much.',
    };
  }
  const [lowest] = failed.flat().sort((a, b) => a.load - b.load);
  const broken = lowest?.load ?? Number.POSITIVE_INFINITY;
  const held = all
    .filter(({ leftOut, status, load }) => leftOut === undefined && isHeld(status) && load < broken)
    .sort((a, b) => a.load - b.load)
    .at(-1);
  if (held === undefined) return { refusal: heldNothing(records) };
  const hasLimits = records.every(({ measured }) => measuresTarget(measured));
  const { model, unit, refusal } = scalability;
  const words = (load: number): string =>
    unit === 'users' ? loadText(load, 'users') : `${formatFigure(load, 'count')} iterations in flight`;
  const limits = records.some(missesTarget) ? 'all critical limits held' : 'all limits held';
  const beyond = lowest === undefined ? untold(all, held, words) : `a run at ${words(broken)} broke a limit`;
  if (model !== undefined) {
    const isBelowPeak = model.capacity.load <= held.load;
    const load = Math.min(model.capacity.load, held.load);
    const throughput = isBelowPeak ? model.capacity.throughput : held.throughput;
    const high = least(broken, model.peak?.load.high);
    const isPeak = model.peak !== undefined && load < held.load;
    const which = isPeak
      ? 'is the low end of the peak of the curve'
      : lowest !== undefined
        ? `is the largest load below ${words(broken)}, at which a run broke a limit`
        : `is the largest load ${beyond === untried ? '' : 'of a run that counts '}that was measured`;
    return {
      basis: 'curve',
      ...(unit === 'users' ? { users: from(load, high) } : { inFlight: load }),
      iterationsPerSec: from(throughput, least(model.peak?.throughput.high, lowest?.throughput)),
      sentence: `${words(load)} ${which}; ${hasLimits ? limits : 'no limit on times or failures was set'}${isPeak || lowest !== undefined || beyond === untried ? '' : `; ${beyond}`}.`,
    };
  }
  if (!hasLimits) {
    return {
      refusal: `No threshold on response times or failures says what counts as carried, and there is no curve: ${lowered(refusal ?? '')}`,
    };
  }
  return {
    basis: 'held',
    ...(unit === 'users' ? { users: from(held.load, broken) } : { inFlight: held.load }),
    iterationsPerSec: from(held.throughput, lowest?.throughput),
    sentence: `${capitalised(limits)} at ${words(held.load)}; ${beyond}.`,
  };
}

const untried = 'more was not tried';

function isHeld(status: VerdictStatus): boolean {
  return status === 'pass' || status === 'warn';
}

/** What the lowest level beyond the one that held says, where no run failed. */
function untold(all: readonly HeldLevel[], held: Level, words: (load: number) => string): string {
  const [next] = all.filter(({ load }) => load > held.load).sort((a, b) => a.load - b.load);
  if (next === undefined) return untried;
  if (!isHeld(next.status))
    return `a run at ${words(next.load)} says nothing, as its verdict is inconclusive`;
  return `a level of ${words(next.load)} does not count: ${next.leftOut ?? 'it says nothing'}`;
}

/** Whether a target, which decides no verdict, is broken or open. */
function missesTarget({ measured, status }: JudgedRecord): boolean {
  return (
    isHeld(status) &&
    judgedThresholds(measured).some(
      (one) => one.result.level === 'target' && (isBroken(one) || isUndecided(one)),
    )
  );
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
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
