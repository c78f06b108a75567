// Thresholds as people write them, k6's grammar, turned into plans. The schema calls it to find mistakes, plan/
// to make the plan.

import type { Aggregation, ThresholdOperator } from '../model/aggregation.ts';
import { builtInMetrics, type MetricDefinition, type MetricType } from '../model/metric.ts';
import type { ThresholdPlan, ThresholdWindows } from '../model/plan.ts';
import type { SuiteDefinition, ThresholdDefinition } from '../model/suite.ts';
import { parseDuration } from '../time/duration.ts';
import { monitorMetrics } from './monitor-settings.ts';
import { type Dimension, parseQuantity, type Quantity } from './quantity.ts';
import { parseSelector } from './selector.ts';
import { isTrouble, parseWindows, splitClauses } from './threshold-windows.ts';

export interface ThresholdExpression {
  readonly aggregation: Aggregation;
  readonly operator: ThresholdOperator;
  /** Ratios 0..1, times in ms, data in bytes; rates per second, growth per hour. */
  readonly limit: number;
  /** Of the limit's unit; of `share_above` that of the value in it. `none` when it was written without. */
  readonly dimension: Dimension;
  /** The limit is one per time, such as `10/min`. */
  readonly perTime: boolean;
  /** Present when it is judged window by window. */
  readonly windows?: ThresholdWindows;
}

//   expression  = aggregation operator quantity [clauses]     blanks may stand between them
//   aggregation = avg | min | max | med | count | rate | value | last | growth | p(number) | share_above(quantity)
//   operator    = < | <= | > | >= | == | === | !=
//   quantity    = number [unit] ["/" time]             see quantity.ts
//   clauses     = "over" ... "for" ... "in" ... "within"      see threshold-windows.ts
const expressionPattern = /^\s*([a-z_]+(?:\([^()]*\))?)\s*(<=|>=|===|==|!=|<|>)\s*([^<>=]+?)\s*$/;
const sharePattern = /^share_above\(([^()]+)\)$/;
const percentilePattern = /^p\(\s*(\d+(?:\.\d+)?)\s*\)$/;

/** Which aggregations each kind of metric has, in words for messages; as in k6. */
const aggregationsOf: Readonly<Record<MetricType, readonly string[]>> = {
  counter: ['count', 'rate'],
  gauge: ['value'],
  rate: ['rate'],
  trend: ['avg', 'min', 'max', 'med', 'p(95)'],
};

/** Of gauges that are read at intervals, as those of monitors are. */
const sampledAggregations = [
  'avg',
  'min',
  'max',
  'med',
  'p(95)',
  'last',
  'growth',
  'share_above(x)',
  'count',
  'value',
];

const plainAggregations = ['avg', 'min', 'max', 'med', 'count', 'rate', 'value', 'last', 'growth'] as const;

/** Every aggregation name, for suggestions. */
export const aggregationNames: readonly string[] = [
  ...plainAggregations,
  'p(90)',
  'p(95)',
  'p(99)',
  'share_above(x)',
];

/** The aggregations of a metric, for messages. */
export function aggregationsFor({ type, sampled }: MetricDefinition): readonly string[] {
  return sampled ? sampledAggregations : aggregationsOf[type];
}

export function parseAggregation(text: string): Aggregation | undefined {
  const plain = plainAggregations.find((name) => name === text);
  if (plain !== undefined) return { kind: plain };
  const share = sharePattern.exec(text)?.[1];
  if (share !== undefined) {
    const quantity = parseQuantity(share);
    return quantity === undefined || quantity.perMs !== undefined
      ? undefined
      : { kind: 'share_above', value: quantity.value };
  }
  const p = Number(percentilePattern.exec(text)?.[1] ?? Number.NaN);
  return p >= 0 && p <= 100 ? { kind: 'percentile', p } : undefined;
}

/** The word that stands where the aggregation belongs, for messages; empty when there is none. */
export function aggregationWord(expression: string): string {
  return /^\s*([a-z0-9_]+(?:\([^)]*\))?)/i.exec(expression)?.[1] ?? '';
}

/**
 * Parses `p(95)<100`, `rate<0.01`, `count>=10`, `growth<100MB/h`. Returns `undefined` for anything else, also for
 * `p95<100` and for percentiles outside 0..100. `===` is read as `==`. Only a growth and a rate may be per time. Behind the
 * limit may stand clauses such as `for 30s`, see threshold-windows.ts.
 *
 * **Source:** k6, metrics/thresholds_parser.go (the grammar in its comment); units are Plimsoll's own.
 */
export function parseThresholdExpression(text: string): ThresholdExpression | undefined {
  const windows = parseWindows(text);
  const match = expressionPattern.exec(splitClauses(text).limit);
  if (match === null || isTrouble(windows)) return undefined;
  const aggregation = parseAggregation(match[1]!.replaceAll(' ', ''));
  const quantity = parseQuantity(match[3]!);
  if (aggregation === undefined || quantity === undefined) return undefined;
  const limit = limitOf(aggregation, quantity);
  if (limit === undefined) return undefined;
  const operator = (match[2] === '===' ? '==' : match[2]) as ThresholdOperator;
  const share = sharePattern.exec(match[1]!)?.[1];
  const { dimension } = (share === undefined ? undefined : parseQuantity(share)) ?? quantity;
  const perTime = quantity.perMs !== undefined;
  return { aggregation, operator, limit, dimension, perTime, ...(windows !== undefined && { windows }) };
}

const msPerSec = 1000;
const msPerHour = 3_600_000;

function limitOf({ kind }: Aggregation, { value, dimension, perMs }: Quantity): number | undefined {
  if (kind === 'share_above' && dimension !== 'none' && dimension !== 'ratio') return undefined;
  if (perMs === undefined) return value;
  if (kind === 'growth') return (value * msPerHour) / perMs;
  return kind === 'rate' ? (value * msPerSec) / perMs : undefined;
}

/**
 * Whether a limit in this unit can be one on the metric: bytes on data, times on times, percent on neither. A share of
 * true values is per no time, and a number of readings has no unit.
 */
export function dimensionFits(
  { type, contains }: MetricDefinition,
  { aggregation, dimension, perTime }: ThresholdExpression,
): boolean {
  if (perTime && type === 'rate') return false;
  if (dimension === 'none') return true;
  if (aggregation.kind === 'count' && type !== 'counter') return false;
  return dimension === (contains === 'default' ? 'ratio' : contains);
}

/** The metrics that a suite's thresholds may name: the built-in ones, those the suite declares, and its monitors'. */
export function knownMetrics(
  suite: Pick<SuiteDefinition, 'metrics' | 'monitors'>,
): Record<string, MetricDefinition> {
  // Without what every object has: a metric may be called as the suite likes.
  const known: Record<string, MetricDefinition> = Object.assign(
    Object.create(null) as Record<string, MetricDefinition>,
    builtInMetrics,
    monitorMetrics(suite.monitors),
  );
  for (const [name, { type, contains = 'default' }] of Object.entries(suite.metrics ?? {})) {
    known[name] = { type, contains };
  }
  return known;
}

/** Whether a metric has the aggregation; see `aggregationsFor`. */
export function aggregationFits(definition: MetricDefinition, aggregation: Aggregation): boolean {
  const word =
    aggregation.kind === 'percentile'
      ? 'p(95)'
      : aggregation.kind === 'share_above'
        ? 'share_above(x)'
        : aggregation.kind;
  return aggregationsFor(definition).includes(word);
}

type Level = 'target' | 'critical';

/** The expressions of one definition with their levels: a plain one, or `threshold`, is critical. */
export function expressionsOf(definition: ThresholdDefinition): { level: Level; expression: string }[] {
  if (typeof definition === 'string') return [{ level: 'critical', expression: definition }];
  const { threshold, target, critical } = definition;
  return [
    { level: 'critical' as const, expression: threshold },
    { level: 'target' as const, expression: target },
    { level: 'critical' as const, expression: critical },
  ].flatMap(({ level, expression }) => (expression === undefined ? [] : [{ level, expression }]));
}

/**
 * Makes the plans of a `thresholds` record, in its order. Only critical thresholds can abort a run. Throws a
 * `TypeError` for what does not parse: validated suites cannot hold such thresholds.
 */
export function makeThresholdPlans(
  thresholds: Readonly<Record<string, readonly ThresholdDefinition[]>>,
): ThresholdPlan[] {
  return Object.entries(thresholds).flatMap(([key, definitions]) => {
    const selector = parseSelector(key);
    if (selector === undefined) throw new TypeError(`not a metric selector: ${key}`);
    return definitions.flatMap((definition) => {
      const options = typeof definition === 'string' ? {} : definition;
      return expressionsOf(definition).map(({ level, expression }): ThresholdPlan => {
        const parsed = parseThresholdExpression(expression);
        if (parsed === undefined) throw new TypeError(`not a threshold: ${expression}`);
        const { dimension: _, perTime: _perTime, ...comparison } = parsed;
        return {
          ...selector,
          expression,
          ...comparison,
          level,
          abortOnFail: level === 'critical' && options.abortOnFail === true,
          delayAbortEvalMs: parseDuration(options.delayAbortEval ?? 0) ?? 0,
          warnMargin: options.warnMargin ?? 0,
          ...(options.optional === true && { optional: true }),
        };
      });
    });
  });
}
