// The steps of a capacity search, as reports show them in place of a hundred thresholds.

import { outlastedWarmUp } from '../analysis/measured.ts';
import { durationOf } from '../model/executor.ts';
import type { TrendValues } from '../model/metric.ts';
import type { SearchTrial } from '../model/plan.ts';
import type { RunRecord } from '../model/run-record.ts';
import { formatCount, formatMs, formatPercent, formatPerSec } from './format-values.ts';
import { counterOf, rateOf, trendOf } from './record-view.ts';

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
  readonly state: 'held' | 'broke';
  /** Expressions of the step's thresholds that broke. */
  readonly broken: readonly string[];
  readonly failedRatio: number;
  readonly droppedIterations: number;
  /** Response time in ms. */
  readonly duration: TrendValues;
}

/** The steps that were reached, in the order in which they were made; empty for a run that is no search. */
export function stepRows(record: RunRecord): StepRow[] {
  const { search } = record.plan;
  return (search?.steps ?? []).flatMap(({ scenario, load, trial }) => {
    const tags = { scenario };
    const results = Object.values(record.metrics)
      .filter((entry) => entry.tags?.scenario === scenario)
      .flatMap((entry) => Object.entries(entry.thresholds ?? {}))
      .filter(([, { level }]) => level === 'search');
    const planned = record.plan.scenarios.find(({ name }) => name === scenario);
    const outlasted =
      search?.adaptive !== undefined || (planned !== undefined && outlastedWarmUp(record, planned));
    const measured = counterOf(record, 'iterations', tags).count > 0 || results.some(([, { ok }]) => !ok);
    if (!outlasted || !measured) return [];
    const broken = results.filter(([, { ok }]) => !ok).map(([expression]) => expression);
    const held = search?.adaptive === undefined ? broken.length === 0 : trial?.outcome === 'held';
    const executor = planned?.executor;
    const countedMs = executor === undefined ? 0 : durationOf(executor) - (search?.adaptive?.warmUpMs ?? 0);
    const done = counterOf(record, 'iterations', tags).count;
    return [
      {
        scenario,
        load,
        loadText: formatLoad(record, load),
        note: search?.adaptive === undefined ? '' : noteOf(trial),
        throughputPerSec: countedMs > 0 ? (done * 1000) / countedMs : 0,
        state: held ? 'held' : 'broke',
        broken,
        failedRatio: rateOf(record, 'http_req_failed', tags).rate,
        droppedIterations: counterOf(record, 'dropped_iterations', tags).count,
        duration: trendOf(record, 'http_req_duration', tags),
      } as const,
    ];
  });
}

function formatLoad({ plan }: RunRecord, load: number): string {
  return plan.search?.unit === 'users' ? formatCount(load, 'user') : formatPerSec(load);
}

function noteOf(trial: SearchTrial | undefined): string {
  if (trial === undefined) return 'interrupted';
  const { purpose, outcome } = trial;
  return outcome === 'noisy' || outcome === 'saturated' ? `${purpose}, ${outcome}` : purpose;
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
