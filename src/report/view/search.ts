// The steps of a capacity search, as reports show them in place of a hundred thresholds.

import { findCapacity } from '../../analysis/capacity.ts';
import { objectiveText } from '../../analysis/threshold-words.ts';
import { isUnread, judgedThresholds } from '../../judge/judged-thresholds.ts';
import type { TrendValues } from '../../model/metric.ts';
import type { SearchTrial } from '../../model/plan.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatCount, formatMs, formatPercent, formatPerSec } from '../format-values.ts';
import { figure, figureColumn, pageOnly, row, state, stateColumn, table, text, textColumn } from './cells.ts';
import { counterOf, rateOf, trendOf } from './record-figures.ts';
import type { Chart, Section, Status } from './section.ts';

/** A threshold in one step. */
interface StepObjective {
  /** With its figure and its limit, in words. */
  readonly text: string;
  readonly state: 'held' | 'broke' | 'unknown';
}

export interface StepRow {
  readonly scenario: string;
  /** Users, or iterations per second, that the step asked for. */
  readonly load: number;
  /** The same with its unit. */
  readonly loadText: string;
  /** In an adaptive search: why the step was made, and what was odd about it; else empty. */
  readonly note: string;
  /** Iterations finished per second. */
  readonly throughputPerSec: number;
  /** `unknown`: the step says nothing, since the generator could not drive it, or it was not finished. */
  readonly state: 'held' | 'broke' | 'unknown';
  /** What the search asks, broken ones first. */
  readonly objectives: readonly StepObjective[];
  /** Why it did not hold, where that is more than the objectives that broke. */
  readonly remarks: readonly string[];
  readonly failedRatio: number;
  readonly droppedIterations: number;
  /** Response time in ms. */
  readonly duration: TrendValues;
}

/** The steps that were reached, in the order in which they were made; empty for a run that is no search. */
export function stepRows(record: RunRecord): StepRow[] {
  const { search } = record.plan;
  const judged = judgedThresholds(record).filter(({ plan }) => plan.level === 'search');
  const reached = new Map(findCapacity(record)?.steps.map((step) => [step.scenario, step]));
  return (search?.steps ?? []).flatMap(({ scenario, load, trial }) => {
    const step = reached.get(scenario);
    if (step === undefined) return [];
    const tags = { scenario };
    const own = judged.filter(({ plan }) => plan.tags.scenario === scenario);
    const isMeasured =
      counterOf(record, 'iterations', tags).count > 0 || own.some(({ result }) => !result.ok);
    if (!isMeasured && search?.adaptive === undefined) return [];
    const objectives = own.map((one) => ({
      text: objectiveText(one),
      state: isUnread(one) ? ('unknown' as const) : one.result.ok ? ('held' as const) : ('broke' as const),
    }));
    const rank = { broke: 0, unknown: 1, held: 2 };
    const isTold = objectives.some(({ state }) => state === 'broke') && trial?.outcome !== 'saturated';
    return [
      {
        scenario,
        load,
        loadText: formatLoad(record, load),
        note: search?.adaptive === undefined ? '' : noteOf(trial),
        throughputPerSec: step.achievedPerSec,
        state: step.outcome === 'held' || step.outcome === 'broke' ? step.outcome : 'unknown',
        objectives: objectives.sort((a, b) => rank[a.state] - rank[b.state]),
        remarks: isTold && trial?.outcome !== 'noisy' ? [] : remarksOf(trial, step.reason),
        failedRatio: rateOf(record, 'http_req_failed', tags).rate,
        droppedIterations: counterOf(record, 'dropped_iterations', tags).count,
        duration: trendOf(record, 'http_req_duration', tags),
      },
    ];
  });
}

function remarksOf(trial: SearchTrial | undefined, reason: string): readonly string[] {
  return trial?.reasons ?? (reason === '' ? [] : [reason]);
}

function formatLoad({ plan }: RunRecord, load: number): string {
  return plan.search?.unit === 'users' ? formatCount(load, 'user') : formatPerSec(load);
}

function noteOf(trial: SearchTrial | undefined): string {
  if (trial === undefined) return 'interrupted';
  const { purpose, outcome } = trial;
  return outcome === 'noisy' || outcome === 'saturated' ? `${purpose}, ${outcome}` : purpose;
}

const states: Readonly<Record<StepRow['state'], Status>> = { held: 'good', broke: 'bad', unknown: 'open' };

const columns = [
  stateColumn,
  ...['Load', 'Failed', 'Dropped', 'p50', 'p95', 'p99'].map((title) => figureColumn(title)),
  textColumn('Step', { isQuiet: true }),
  { title: 'Thresholds', kind: 'detail' } as const,
];

/** The steps with what was asked of each; without blocks for a run that is no search. */
export function searchSection(record: RunRecord): Section {
  const section = { id: 'search', title: 'Capacity search' };
  if (record.plan.search === undefined) return { ...section, blocks: [] };
  const rows = stepRows(record).map((one) =>
    row(
      state(states[one.state], one.state),
      figure(one.load, 'count', { text: one.loadText }),
      figure(one.failedRatio, 'ratio'),
      figure(one.droppedIterations, 'count'),
      ...(['med', 'p(95)', 'p(99)'] as const).map((key) => figure(one.duration[key], 'ms')),
      text(one.note),
      {
        kind: 'list',
        items: [
          ...one.remarks.map((remark) => ({ text: remark })),
          ...one.objectives.map((objective) => ({ text: objective.text, status: states[objective.state] })),
        ],
      },
    ),
  );
  const curve = capacityCurve(record);
  const chart: Chart[] =
    curve === undefined
      ? []
      : [
          {
            ...{ kind: 'chart', id: 'capacity', isSmall: false, summary: curve.summary },
            title: 'Response time by throughput (iterations finished per second)',
            ...pageOnly,
          },
        ];
  return {
    ...section,
    summary: searchSummary(record),
    blocks: [...chart, table('Capacity search', columns, rows)],
  };
}

/** `30 steps planned, from 100/s to 3,000/s; 9 reached`; empty for a run that is no search. */
export function searchSummary(record: RunRecord): string {
  const steps = record.plan.search?.steps ?? [];
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) return '';
  const adaptive = record.plan.search?.adaptive;
  if (adaptive !== undefined) {
    const { from, to, precision } = adaptive;
    const range = `from ${formatLoad(record, from)} to at most ${formatLoad(record, to)}`;
    return `${formatCount(steps.length, 'step')}, ${range}, to within ${formatPercent(precision)}`;
  }
  const range = `from ${formatPerSec(first.load)} to ${formatPerSec(last.load)}`;
  return `${steps.length} steps planned, ${range}; ${stepRows(record).length} reached`;
}

/** The throughput-latency curve: one point per step, ascending by throughput. Times in ms. */
export interface CapacityCurve {
  readonly summary: string;
  readonly throughputPerSec: readonly number[];
  readonly p50: readonly number[];
  readonly p95: readonly number[];
}

/** `undefined` for a run that is no search, or has no step with a response. */
export function capacityCurve(record: RunRecord): CapacityCurve | undefined {
  const points = stepRows(record)
    .filter(({ duration }) => duration.count > 0)
    .sort((a, b) => a.throughputPerSec - b.throughputPerSec);
  if (points.length === 0) return undefined;
  const rounded = (value: number): number => Number(value.toPrecision(5));
  const texts = points.map(
    ({ throughputPerSec, duration, loadText }) =>
      `${formatPerSec(throughputPerSec)} at ${loadText}: p95 ${formatMs(duration['p(95)'])}`,
  );
  return {
    summary: `Response time by iterations finished per second: ${texts.join('; ')}.`,
    throughputPerSec: points.map((one) => rounded(one.throughputPerSec)),
    p50: points.map(({ duration }) => rounded(duration.med)),
    p95: points.map(({ duration }) => rounded(duration['p(95)'])),
  };
}
