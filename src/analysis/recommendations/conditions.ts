// Whether a condition of a rule holds in a record, with the figures that say so. Called by recommend.ts.

import { isBroken, judgedThresholds } from '../../judge/judged-thresholds.ts';
import { isWithin } from '../../judge/operators.ts';
import type { Aggregation } from '../../model/aggregation.ts';
import { assertNever } from '../../model/errors.ts';
import type { MetricValues } from '../../model/metric.ts';
import { type MonitorRecord, monitorMetric } from '../../model/monitor.ts';
import type { RecommendationCondition } from '../../model/recommendation.ts';
import type { Measurements } from '../../model/run-record.ts';
import type { Evidence, Finding } from '../../model/verdict.ts';
import { formatCount, formatFigure } from '../../text/format-figure.ts';
import { loadDurationMs, valueAt } from '../measured.ts';
import { generatorShare, watchesTarget } from '../watched-target.ts';
import type { Condition } from './rule.ts';

/** A gauge that was read less often says little of its average. */
const fewestReadings = 3;
/** Of `sustained`. */
const sustainedMs = 300_000;
const msPerMinute = 60_000;
/** Fewer requests say nothing of the shares of methods. */
const fewestRequests = 100;
const readingMethods: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** A condition that holds. */
export interface Fired {
  /** `average CPU 84 % (limit 70 %), by host`: a part of a sentence. */
  readonly text: string;
  readonly evidence: readonly Evidence[];
  /** The value that was compared. */
  readonly value: number;
  /** The monitor that read it; absent where none did. */
  readonly monitor?: string;
  /** What is known of the sizes of what is recommended. */
  readonly sizes?: Sizes;
}

/** How large things are and would be; a field is absent where the record does not tell. */
export interface Sizes {
  readonly current?: string;
  readonly recommended?: string;
  readonly change?: string;
}

/** What conditions look at. */
export interface Seen {
  readonly measured: Measurements;
  readonly findings: readonly Finding[];
  /** Users that the run, or its growth, says are too many; see capacity-plan.ts. */
  readonly excess: Fired | undefined;
}

/** `undefined` where the condition does not hold, and where the record has no data for it. */
export function firedBy(condition: Condition, seen: Seen): Fired | undefined {
  switch (condition.from) {
    case 'monitor':
      return ofMonitors(condition, seen.measured);
    case 'metric':
      return ofMetric(condition.condition, seen.measured);
    case 'reads':
      return ofReads(condition.atLeast, seen.measured);
    case 'users':
      return ofUsers(condition.atLeast, seen.measured);
    case 'finding':
      return ofFinding(condition, seen);
    case 'growth':
      return seen.excess;
    case 'unwatched':
      return ofUnwatched(seen.measured);
    default:
      return assertNever(condition);
  }
}

type MonitorCondition = Extract<Condition, { from: 'monitor' }>;

function ofMonitors(condition: MonitorCondition, measured: Measurements): Fired | undefined {
  const fired = Object.entries(measured.monitors).flatMap(([name, monitor]) =>
    monitor.kind === condition.monitor && watchesTarget(measured, name, monitor)
      ? (ofMonitor(condition, measured, name, monitor) ?? [])
      : [],
  );
  const isLess = condition.is === 'under';
  return fired.sort((a, b) => (isLess ? a.value - b.value : b.value - a.value))[0];
}

function ofMonitor(
  condition: MonitorCondition,
  measured: Measurements,
  name: string,
  monitor: MonitorRecord,
): Fired | undefined {
  const { figure, of, is, limit, unit, what } = condition;
  const total = readValue(condition, measured, name, monitor);
  if (total === undefined || !Number.isFinite(total)) return undefined;
  // The load generator on the same machine takes its part; more cores for the target are not what it needs.
  const own = figure === 'cpu_ratio' ? generatorShare(measured, name, monitor) : 0;
  const value = Math.max(0, total - own);
  const holds = is === 'over' ? value > limit : is === 'at-least' ? value >= limit : value < limit;
  if (!holds) return undefined;
  const show = (amount: number): string =>
    unit === 'per min' ? `${formatCount(amount)} per minute` : formatFigure(amount, unit);
  const without =
    own > 0 ? ` without the ${show(own)} that the load generator took itself (${show(total)} with it)` : '';
  const metric = monitorMetric(name, figure);
  return {
    value,
    monitor: name,
    text: `${what} ${show(value)}${without} (limit ${show(limit)}), read by ${name}`,
    evidence: [
      { name: `${of} of ${metric}`, value: total, unit, limit },
      ...(own > 0 ? [{ name: 'share of the load generator', value: own, unit }] : []),
    ],
  };
}

function readValue(
  { figure, of }: MonitorCondition,
  measured: Measurements,
  name: string,
  monitor: MonitorRecord,
): number | undefined {
  const values = measured.metrics[monitorMetric(name, figure)]?.values;
  if (values === undefined) return undefined;
  const count = valueAt(values, 'count');
  switch (of) {
    case 'avg':
      return count !== undefined && count >= fewestReadings ? valueAt(values, 'avg') : undefined;
    case 'max':
      return valueAt(values, 'max');
    case 'count':
      return count;
    case 'per minute': {
      // Of less than a minute nothing is made more than it was.
      const minutes = Math.max(1, loadDurationMs(measured) / msPerMinute);
      return count === undefined ? undefined : count / minutes;
    }
    case 'sustained':
      return busiestMean(monitor, figure);
    default:
      return assertNever(of);
  }
}

/** The highest mean of five minutes; `undefined` where the readings span less. */
function busiestMean({ times, series }: MonitorRecord, figure: string): number | undefined {
  const read = (series[figure]?.avg ?? []).flatMap((value, i) => {
    const atMs = times[i];
    return value === null || atMs === undefined ? [] : [{ atMs, value }];
  });
  let [from, sum, best]: [number, number, number | undefined] = [0, 0, undefined];
  for (const [i, { atMs, value }] of read.entries()) {
    sum += value;
    if (atMs - read[from]!.atMs < sustainedMs) continue;
    const mean = sum / (i - from + 1);
    if (i - from + 1 >= fewestReadings && (best === undefined || mean > best)) best = mean;
    while (from < i && atMs - read[from]!.atMs >= sustainedMs) {
      sum -= read[from]!.value;
      from++;
    }
  }
  return best;
}

function ofMetric(condition: RecommendationCondition, measured: Measurements): Fired | undefined {
  const { metric, expression, aggregation, operator, limit } = condition;
  const values = measured.metrics[metric]?.values;
  const value = values === undefined ? undefined : aggregated(values, aggregation);
  if (value === undefined || !Number.isFinite(value) || !isWithin(operator, value, limit)) return undefined;
  const name = `${aggregationText(aggregation)} of ${metric}`;
  return {
    value,
    text: `${name} is ${formatFigure(value, 'count')} (${expression})`,
    evidence: [{ name, value, unit: '', limit }],
  };
}

function aggregationText(aggregation: Aggregation): string {
  return aggregation.kind === 'percentile' ? `p(${aggregation.p})` : aggregation.kind;
}

/** Of what was never recorded nothing is known: an empty trend has zeros. */
function aggregated(values: MetricValues, aggregation: Aggregation): number | undefined {
  const isTrend = 'p(95)' in values;
  if (isTrend && values.count === 0) return undefined;
  if ('passes' in values && values.passes + values.fails === 0) return undefined;
  return valueAt(values, aggregationText(aggregation));
}

/** By the methods of requests; what a database was asked does not say whether it reads. */
export function readShareOf({ metrics }: Measurements): number | undefined {
  let [reads, all] = [0, 0];
  for (const { metric, tags, values } of Object.values(metrics)) {
    if (metric !== 'http_reqs' || tags?.method === undefined || !('count' in values)) continue;
    if (Object.keys(tags).sort().join() !== 'method,name,task,user') continue;
    all += values.count;
    if (readingMethods.has(tags.method)) reads += values.count;
  }
  return all < fewestRequests ? undefined : reads / all;
}

function ofReads(atLeast: number, measured: Measurements): Fired | undefined {
  const share = readShareOf(measured);
  if (share === undefined || share < atLeast) return undefined;
  return {
    value: share,
    text: `${formatFigure(share, 'ratio')} of the requests only read (at least ${formatFigure(atLeast, 'ratio')})`,
    evidence: [
      { name: 'share of GET and HEAD among http_reqs', value: share, unit: 'ratio', limit: atLeast },
    ],
  };
}

function ofUsers(atLeast: number, { metrics, plan }: Measurements): Fired | undefined {
  const driven = metrics.vus === undefined ? 0 : (valueAt(metrics.vus.values, 'max') ?? 0);
  const expected = Math.max(0, ...(plan.capacity?.growth?.expected ?? []).map(({ users }) => users));
  const users = Math.max(driven, expected);
  if (users < atLeast) return undefined;
  const how = driven >= atLeast ? 'were driven' : 'are expected';
  return {
    value: users,
    text: `${formatFigure(users, 'users')} ${how} (at least ${formatFigure(atLeast, 'users')})`,
    evidence: [{ name: `users that ${how}`, value: users, unit: 'users', limit: atLeast }],
  };
}

function ofFinding(
  { finding, unit }: Extract<Condition, { from: 'finding' }>,
  { measured, findings }: Seen,
): Fired | undefined {
  const others = Object.entries(measured.monitors)
    .filter(([name, monitor]) => !watchesTarget(measured, name, monitor))
    .flatMap(([name, { figures }]) => Object.keys(figures).map((figure) => monitorMetric(name, figure)));
  // What the load generator and its machine keep is nothing that the target could give back.
  const isOfTarget = ({ evidence: [first] }: Finding): boolean =>
    !others.some((metric) => first?.name === `${metric} at first`);
  const found = findings.find(
    (one) =>
      one.kind === finding && one.source === undefined && one.evidence[0]?.unit === unit && isOfTarget(one),
  );
  const growth = found?.evidence.find(({ name }) => name === 'growth')?.value;
  return found === undefined
    ? undefined
    : { value: growth ?? 0, text: `the finding “${found.title}”`, evidence: found.evidence };
}

function ofUnwatched(measured: Measurements): Fired | undefined {
  const isWatched = Object.entries(measured.monitors).some(
    ([name, monitor]) => monitor.readings > 0 && watchesTarget(measured, name, monitor),
  );
  if (isWatched || measured.generator.saturated) return undefined;
  const broken = judgedThresholds(measured).filter(
    (one) => one.result.level !== 'search' && isBroken(one) && one.result.actual !== null,
  );
  const [first] = broken;
  if (first === undefined) return undefined;
  const name = `${first.plan.metric} (${first.plan.expression})`;
  return {
    value: broken.length,
    text: `${formatCount(broken.length, 'threshold')} broke, such as ${name}, and no monitor watched the target`,
    evidence: [{ name, value: first.result.actual ?? 0, unit: '', limit: first.result.limit }],
  };
}
