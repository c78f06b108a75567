// What a run was about, as all reports show it: what it sent, such as HTTP requests, or its iterations when it sent nothing;
// and what it sent that to.

import type { TrendValues } from '../../model/metric.ts';
import { failedCountOf, kindsOfRun, type OperationKind, operationMetrics } from '../../model/operation.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { serverUrls } from '../../protocols/registry.ts';
import { formatCount } from '../format-values.ts';
import { counterOf, rateOf, trendOf } from './record-figures.ts';

/** One kind of operations over the whole run. */
export interface SentRow {
  readonly kind: OperationKind;
  /** `Requests`, `Redis commands`. */
  readonly title: string;
  /** The same within a sentence. */
  readonly nouns: string;
  readonly count: number;
  readonly perSec: number;
  readonly failedCount: number;
  readonly failedRatio: number;
  /** Cut off at the end after waiting for too long: neither failed nor not. */
  readonly unansweredCount: number;
  /** In ms. */
  readonly duration: TrendValues;
}

/** One row per kind, the first of them for headlines. A run that did nothing has one of no requests. */
export function sentRows(record: RunRecord): [SentRow, ...SentRow[]] {
  const [first = 'request', ...others] = kindsOfRun((metric) => counterOf(record, metric).count);
  return [makeRow(record, first), ...others.map((kind) => makeRow(record, kind))];
}

function makeRow(record: RunRecord, kind: OperationKind): SentRow {
  const { noun, ...metrics } = operationMetrics[kind];
  const { count, rate: perSec } = counterOf(record, metrics.count);
  const failedCount = failedCountOf(record.metrics[metrics.failed]?.values);
  const isRate = record.metrics[metrics.failed]?.type === 'rate';
  return {
    kind,
    title: `${noun.charAt(0).toUpperCase()}${noun.slice(1)}s`,
    nouns: `${noun}s`,
    count,
    perSec,
    failedCount,
    failedRatio: isRate ? rateOf(record, metrics.failed).rate : count === 0 ? 0 : failedCount / count,
    unansweredCount: record.metrics[metrics.duration]?.cut?.overdue ?? 0,
    duration: trendOf(record, metrics.duration),
  };
}

/** `, 339 without an answer`; empty where all that was sent has ended, or was in the middle of ordinary work. */
export function unansweredText({ unansweredCount }: Pick<SentRow, 'unansweredCount'>): string {
  return unansweredCount === 0 ? '' : `, ${formatCount(unansweredCount)} without an answer`;
}

/** The base URL, or that of the first server, such as a database, of a run without one; never with a password. */
export function targetOf({ target, plan }: Pick<RunRecord, 'target' | 'plan'>): string | null {
  return target.baseUrl ?? serverUrls(plan)[0] ?? null;
}
