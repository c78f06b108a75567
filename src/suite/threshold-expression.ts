// Thresholds as people write them, k6's grammar, turned into plans. The schema calls it to find mistakes, plan/
// to make the plan.

import { builtInMetrics, type MetricDefinition, type MetricType, type Tags } from '../model/metric.ts';
import type { Aggregation, ThresholdOperator, ThresholdPlan } from '../model/plan.ts';
import type { SuiteDefinition, ThresholdDefinition } from '../model/suite.ts';
import { parseDuration } from '../time/duration.ts';

export interface ThresholdExpression {
  readonly aggregation: Aggregation;
  readonly operator: ThresholdOperator;
  readonly limit: number;
}

export interface Selector {
  readonly metric: string;
  readonly tags: Tags;
}

//   expression  = aggregation operator number          blanks may stand between them
//   aggregation = avg | min | max | med | count | rate | value | p(number)
//   operator    = < | <= | > | >= | == | === | !=
const expressionPattern = /^\s*([a-z]+|p\(\s*[\d.]+\s*\))\s*(<=|>=|===|==|!=|<|>)\s*(-?\d+(?:\.\d+)?)\s*$/;
const percentilePattern = /^p\(\s*(\d+(?:\.\d+)?)\s*\)$/;
const selectorPattern = /^\s*([^{}\s]+)\s*(?:\{([^{}]*)\})?\s*$/;

/** Which aggregations each kind of metric has, in words for messages; as in k6. */
export const aggregationsOf: Readonly<Record<MetricType, readonly string[]>> = {
  counter: ['count', 'rate'],
  gauge: ['value'],
  rate: ['rate'],
  trend: ['avg', 'min', 'max', 'med', 'p(95)'],
};

const plainAggregations = ['avg', 'min', 'max', 'med', 'count', 'rate', 'value'] as const;

/** Every aggregation name, for suggestions. */
export const aggregationNames: readonly string[] = [...plainAggregations, 'p(90)', 'p(95)', 'p(99)'];

function parseAggregation(text: string): Aggregation | undefined {
  const plain = plainAggregations.find((name) => name === text);
  if (plain !== undefined) return { kind: plain };
  const p = Number(percentilePattern.exec(text)?.[1] ?? Number.NaN);
  return p >= 0 && p <= 100 ? { kind: 'percentile', p } : undefined;
}

/** The word that stands where the aggregation belongs, for messages; empty when there is none. */
export function aggregationWord(expression: string): string {
  return /^\s*([a-z0-9]+(?:\([^)]*\))?)/i.exec(expression)?.[1] ?? '';
}

/**
 * Parses `p(95)<100`, `rate<0.01`, `count>=10`. Returns `undefined` for anything else, also for `p95<100` and
 * for percentiles outside 0..100. `===` is read as `==`.
 *
 * **Source:** k6, metrics/thresholds_parser.go (the grammar in its comment).
 */
export function parseThresholdExpression(text: string): ThresholdExpression | undefined {
  const match = expressionPattern.exec(text);
  if (match === null) return undefined;
  const aggregation = parseAggregation(match[1]!);
  if (aggregation === undefined) return undefined;
  const operator = (match[2] === '===' ? '==' : match[2]) as ThresholdOperator;
  return { aggregation, operator, limit: Number(match[3]) };
}

/** Parses `http_req_duration` or `http_req_duration{task:price,status:200}`; `undefined` for anything else. */
export function parseSelector(text: string): Selector | undefined {
  const match = selectorPattern.exec(text);
  if (match === null) return undefined;
  const tags: Record<string, string> = {};
  for (const pair of match[2]?.split(',') ?? []) {
    // The first colon parts name and value, so a value may hold further ones, as in `name:http://x/y`.
    const colon = pair.indexOf(':');
    const name = pair.slice(0, Math.max(0, colon)).trim();
    const value = pair.slice(colon + 1).trim();
    if (name === '' || value === '') return undefined;
    tags[name] = value;
  }
  return { metric: match[1]!, tags };
}

/** The names of monitors' metrics will start with this. */
export const monitorPrefix = 'monitor_';

/** The metrics that a suite's thresholds may name: the built-in ones and those the suite declares. */
export function knownMetrics(suite: Pick<SuiteDefinition, 'metrics'>): Record<string, MetricDefinition> {
  const known: Record<string, MetricDefinition> = { ...builtInMetrics };
  for (const [name, { type, contains = 'default' }] of Object.entries(suite.metrics ?? {})) {
    known[name] = { type, contains };
  }
  return known;
}

/** Whether a metric of this kind has the aggregation; see `aggregationsOf`. */
export function aggregationFits(type: MetricType, aggregation: Aggregation): boolean {
  const word = aggregation.kind === 'percentile' ? 'p(95)' : aggregation.kind;
  return aggregationsOf[type].includes(word);
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
        return {
          ...selector,
          expression,
          ...parsed,
          level,
          abortOnFail: level === 'critical' && options.abortOnFail === true,
          delayAbortEvalMs: parseDuration(options.delayAbortEval ?? 0) ?? 0,
          warnMargin: options.warnMargin ?? 0,
        };
      });
    });
  });
}
