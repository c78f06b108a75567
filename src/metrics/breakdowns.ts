// Which series of a run its record holds beside whole metrics and thresholds: those that reports and analysis read.

import type { Tags } from '../model/metric.ts';
import type { CheckResult } from '../model/run-record.ts';
import type { BreakdownFacts } from '../protocols/facts.ts';
import { protocols } from '../protocols/registry.ts';
import { isBesideLoad } from './carries.ts';
import { createTotals, mergeTotals, type Totals } from './totals.ts';

/** A metric with one set of tags, over the whole run. */
export interface SeriesTotals {
  readonly metric: string;
  readonly tags: Tags;
  readonly totals: Totals;
}

const iterationFigures = ['iterations', 'iteration_duration', 'iterations_failed', 'dropped_iterations'];

const breakdowns: readonly BreakdownFacts[] = [
  { metrics: iterationFigures, by: ['scenario'], severalScenariosOnly: true },
  { metrics: ['iterations', 'iteration_duration'], by: ['user', 'task'] },
  // Mixes are defined per scenario, so their shares are checked per scenario.
  { metrics: ['iterations'], by: ['scenario', 'user', 'task'], severalScenariosOnly: true },
  ...protocols.flatMap((protocol) => protocol.breakdowns),
  { metrics: ['group_duration'], by: ['group'] },
];
const checkTags = ['scenario', 'user', 'task', 'group'];

/** Metrics whose series must be kept apart until the end; of all others the collector keeps sums only. */
export const brokenDownMetrics: ReadonlySet<string> = new Set([
  ...breakdowns.flatMap(({ metrics }) => metrics),
  'checks',
]);

/** By metric of an operation, the tags that its breakdowns read, with those of its place. */
const readTags = new Map<string, ReadonlySet<string>>();
for (const { metrics, by } of breakdowns) {
  for (const metric of metrics) {
    if (iterationFigures.includes(metric)) continue;
    readTags.set(metric, new Set([...(readTags.get(metric) ?? ['scenario', 'user', 'task']), ...by]));
  }
}

/**
 * The tags by which the series of a metric are kept apart: those of operations by no others than breakdowns read, as users
 * may give them tags with any number of values. Thresholds and comparisons on others are kept on their own.
 */
export function keptTags(metric: string, tags: Tags): Tags {
  const read = readTags.get(metric);
  if (read === undefined) return tags;
  return Object.fromEntries(Object.entries(tags).filter(([name]) => read.has(name)));
}

/**
 * Sums the series along each breakdown; series that lack one of its tags are left out of it. `plannedScenarioCount`
 * matters when a run ended before its second scenario: readers go by the plan.
 */
export function makeBreakdowns(
  series: readonly SeriesTotals[],
  plannedScenarioCount: number,
): SeriesTotals[] {
  const scenarios = new Set(series.map(({ tags }) => tags.scenario).filter((name) => name !== undefined));
  const several = plannedScenarioCount > 1 || scenarios.size > 1;
  return breakdowns
    .filter(({ severalScenariosOnly }) => severalScenariosOnly === undefined || several)
    .flatMap(({ metrics, by }) => {
      const complete = series.filter(
        ({ metric, tags }) =>
          metrics.includes(metric) &&
          by.every((name) => tags[name] !== undefined) &&
          (by.includes('task') || !isBesideLoad(tags)),
      );
      return sumBy(complete, by);
    });
}

/** Passes and fails of each check, by scenario, user, task and group; ascending by name, then tags. */
export function makeCheckResults(series: readonly SeriesTotals[]): CheckResult[] {
  const checks = series.filter(({ metric, tags }) => metric === 'checks' && tags.check !== undefined);
  return sumBy(checks, ['check', ...checkTags]).map(({ tags: { check, ...tags }, totals }) => {
    const { passes, fails } = totals.type === 'rate' ? totals : { passes: 0, fails: 0 };
    return { name: check ?? '', tags, passes, fails };
  });
}

function sumBy(series: readonly SeriesTotals[], by: readonly string[]): SeriesTotals[] {
  const sums = new Map<string, SeriesTotals>();
  for (const { metric, tags, totals } of series) {
    const kept = by.flatMap((name) => (tags[name] === undefined ? [] : [[name, tags[name]] as const]));
    const key = JSON.stringify([metric, kept]);
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = { metric, tags: Object.fromEntries(kept), totals: createTotals(totals.type) };
      sums.set(key, sum);
    }
    mergeTotals(sum.totals, totals);
  }
  // Sorted, so that a record does not depend on which worker reported first.
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}
