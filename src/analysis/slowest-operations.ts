// Which operations of a run are slow, and what share of all the time that operations took goes into each. Used by the
// rules about bottlenecks and by reports.

import { seriesKey, suiteAsUser, type Tags, type TrendValues } from '../model/metric.ts';
import { failedCountOf, operationMetrics, sentKinds } from '../model/operation.ts';
import type { Measurements } from '../model/run-record.ts';
import { median } from '../stats/median.ts';

/** A p95 of fewer is little more than the greatest of them. */
const fewestForRank = 20;
/** An operation is slow beside others when its median is so many times the median of theirs, */
const slowFactor = 5;
/** and at least so long. */
const slowMs = 20;
/** The others must be this share of all operations: else slow is what is usual. */
const leastOthers = 0.3;

/** One operation as one task sends it: a request, a statement, a command. */
export interface OperationCost {
  /** `GET /api/price`, `find_member`. */
  readonly name: string;
  /** What one is called: `request`. */
  readonly noun: string;
  readonly user: string;
  readonly task: string;
  readonly count: number;
  readonly failed: number;
  /** In ms. */
  readonly times: TrendValues;
  /** Of the time that all operations of the run took together, 0..1. */
  readonly share: number;
}

/** Tags by which operations are told apart, beside task and user; the finest that a record holds for one comes first. */
const finest: readonly (readonly string[])[] = [
  ['method', 'name'],
  ['command', 'name'],
  ['operation'],
  ['name'],
  ['command'],
];

/**
 * All operations with a time, slowest first by their p95; those that ran fewer than 20 times come after all others. What
 * `setup` and `teardown` did is left out. Empty for a run without any.
 */
export function operationCosts(measured: Pick<Measurements, 'metrics'>): OperationCost[] {
  const found = sentKinds.flatMap((kind) => costsOfKind(measured, kind));
  const totalMs = found.reduce((sum, { times }) => sum + times.avg * times.count, 0);
  return found
    .map((one) => ({ ...one, share: totalMs === 0 ? 0 : (one.times.avg * one.times.count) / totalMs }))
    .sort(
      (a, b) =>
        Number(a.count < fewestForRank) - Number(b.count < fewestForRank) ||
        b.times['p(95)'] - a.times['p(95)'],
    );
}

function costsOfKind({ metrics }: Pick<Measurements, 'metrics'>, kind: (typeof sentKinds)[number]) {
  const { duration, failed, noun } = operationMetrics[kind];
  const ofKind = Object.values(metrics).filter(({ metric }) => metric === duration);
  for (const names of finest) {
    const wanted = [...names, 'task', 'user'].sort().join();
    const rows = ofKind.flatMap(({ tags = {}, values }): Omit<OperationCost, 'share'>[] => {
      if (Object.keys(tags).sort().join() !== wanted || tags.user === suiteAsUser) return [];
      if (!('p(95)' in values) || !('min' in values) || values.count === 0) return [];
      const lost = failedCountOf(metrics[seriesKey(failed, tags)]?.values);
      return [
        { ...whoOf(tags, names), noun, count: values.count, failed: lost, times: values as TrendValues },
      ];
    });
    if (rows.length > 0) return rows;
  }
  return [];
}

function whoOf(tags: Tags, names: readonly string[]) {
  const name = names
    .map((one) => tags[one] ?? '')
    .join(' ')
    .trim();
  return { name, user: tags.user ?? '', task: tags.task ?? '' };
}

/**
 * The operations that are slow while others are not: the median of each is at least 5 times that of the others, and 20 ms.
 * Empty when all are slow alike, when the others are less than 30 % of all operations, or when there is one only.
 */
export function slowPart(costs: readonly OperationCost[]): OperationCost[] {
  const counted = costs
    .filter(({ count }) => count >= fewestForRank)
    .sort((a, b) => b.times.med - a.times.med);
  const total = counted.reduce((sum, { count }) => sum + count, 0);
  for (let size = counted.length - 1; size >= 1; size--) {
    const others = counted.slice(size);
    const usual = median(others.map(({ times }) => times.med));
    const least = counted[size - 1]!.times.med;
    const isOthersMuch = others.reduce((sum, { count }) => sum + count, 0) >= leastOthers * total;
    if (isOthersMuch && least >= slowMs && least >= slowFactor * usual) return counted.slice(0, size);
  }
  return [];
}
