// Rules of thresholds: selectors and expressions that parse, metrics that exist, aggregations that fit them.
// Called by rules.ts.

import type { Mistake } from '../model/errors.ts';
import type { MetricDefinition, MetricType } from '../model/metric.ts';
import type { SuiteDefinition, ThresholdDefinition } from '../model/suite.ts';
import { nearestName } from '../text/nearest-name.ts';
import { listNames, mistakeAt, type Path, recordOf } from './mistake.ts';
import { soundMonitors } from './rules-monitors.ts';
import { findTagMistakes } from './rules-tags.ts';
import { parseSelector } from './selector.ts';
import {
  aggregationFits,
  aggregationNames,
  aggregationsFor,
  aggregationWord,
  dimensionFits,
  expressionsOf,
  knownMetrics,
  parseThresholdExpression,
} from './threshold-expression.ts';
import { isTrouble, parseWindows, splitClauses, windowsMisfit } from './threshold-windows.ts';

const types: readonly string[] = ['counter', 'gauge', 'rate', 'trend'] satisfies MetricType[];

/**
 * The suite's declared metrics as far as they are well formed, beside the built-in ones and those of the monitors that
 * `holder`, a profile or the suite itself, has.
 */
export function metricsOf(suite: unknown, holder: unknown): Record<string, MetricDefinition> {
  const declared = Object.entries(recordOf(recordOf(suite).metrics)).filter(([, metric]) =>
    types.includes(String(recordOf(metric).type)),
  );
  return knownMetrics({
    metrics: Object.fromEntries(declared) as NonNullable<SuiteDefinition['metrics']>,
    monitors: soundMonitors(suite, holder),
  });
}

/** All mistakes in the `thresholds` of `holder`, which is a profile or the suite itself. */
export function findThresholdMistakes(path: Path, holder: unknown, suite: unknown): Mistake[] {
  const thresholds = Object.entries(recordOf(recordOf(holder).thresholds));
  if (thresholds.length === 0) return [];
  const metrics = metricsOf(suite, holder);
  return thresholds.flatMap(([key, definitions]) => {
    const at = [...path, key];
    const selector = parseSelector(key);
    const isKnown = selector !== undefined && Object.hasOwn(metrics, selector.metric);
    const metric = isKnown ? metrics[selector.metric] : undefined;
    const inDefinitions = (Array.isArray(definitions) ? definitions : []).flatMap((definition, i) =>
      findDefinitionMistakes([...at, i], definition, metric, selector?.metric),
    );
    return [...findSelectorMistakes(at, key, metrics, { holder, suite }), ...inDefinitions];
  });
}

function findSelectorMistakes(
  path: Path,
  key: string,
  metrics: Readonly<Record<string, MetricDefinition>>,
  { holder, suite }: { readonly holder: unknown; readonly suite: unknown },
): Mistake[] {
  const selector = parseSelector(key);
  const name = selector?.metric;
  if (selector === undefined || name === undefined) {
    return [
      mistakeAt(path, 'a metric, or one with tags such as http_req_duration{task:price,name:"/a,b"}', key),
    ];
  }
  if (Object.hasOwn(metrics, name)) {
    const tags = Object.keys(selector.tags);
    if (!metrics[name]?.watched || tags.every((tag) => tag === 'scenario')) {
      return findTagMistakes(path, selector, holder, suite);
    }
    return [mistakeAt(path, 'at most the tag scenario: figures of monitors have no others', key)];
  }
  const expected = 'a built-in metric, one declared under `metrics`, or one of a monitor';
  return [mistakeAt(path, expected, name, nearestName(name, Object.keys(metrics)))];
}

function findDefinitionMistakes(
  path: Path,
  definition: unknown,
  metric: MetricDefinition | undefined,
  name?: string,
): Mistake[] {
  if (typeof definition === 'string') return findExpressionMistakes(path, definition, metric, name);
  const { threshold, target, critical } = recordOf(definition);
  const written = Object.fromEntries(
    Object.entries({ threshold, target, critical }).filter(([, value]) => typeof value === 'string'),
  );
  const mistakes = Object.entries(written).flatMap(([key, expression]) =>
    findExpressionMistakes([...path, key], String(expression), metric, name),
  );
  const isObject = typeof definition === 'object' && definition !== null;
  if (isObject && expressionsOf(definition as ThresholdDefinition).length === 0) {
    mistakes.push(mistakeAt(path, '`threshold`, or `target` and `critical`', definition));
  } else if (threshold !== undefined && (target !== undefined || critical !== undefined)) {
    mistakes.push(mistakeAt(path, 'either `threshold`, or `target` and `critical`', definition));
  }
  return mistakes;
}

/** What is wrong with the expression of a threshold, or of another limit that is written like one. */
export function findExpressionMistakes(
  path: Path,
  expression: string,
  metric: MetricDefinition | undefined,
  name = '',
): Mistake[] {
  const windows = parseWindows(expression);
  // What is wrong before the clauses is told first.
  if (isTrouble(windows) && parseThresholdExpression(splitClauses(expression).limit) !== undefined) {
    return [mistakeAt(path, windows.expected, expression, windows.suggestion)];
  }
  const example =
    metric === undefined ? 'p(95)<100' : `${metric.sampled ? 'max' : aggregationsFor(metric).at(-1)}<100`;
  const parsed = parseThresholdExpression(expression);
  if (parsed === undefined) {
    const word = aggregationWord(expression);
    const expected = `an expression such as "${example}": aggregation, operator, number`;
    // `p95<100` is what people write who have not met the brackets.
    const bare = /^p(\d+(?:\.\d+)?)$/.exec(word)?.[1];
    const nearest = bare === undefined ? nearestName(word, aggregationNames) : `p(${bare})`;
    const suggestion =
      nearest === undefined || nearest === word ? undefined : expression.replace(word, nearest);
    return [mistakeAt(path, expected, expression, suggestion)];
  }
  if (metric === undefined) return [];
  if (aggregationFits(metric, parsed.aggregation)) {
    const misfit = windows && windowsMisfit(name, metric, parsed.operator);
    if (misfit !== undefined) return [mistakeAt(path, misfit, expression)];
    if (dimensionFits(metric, parsed)) return [];
    const units = { time: 'ms, s, min or h', data: 'B, kB, MB or GB', default: '%, or none' }[
      metric.contains
    ];
    return [mistakeAt(path, `a limit in a unit that fits the metric: ${units}`, expression)];
  }
  const word = aggregationWord(expression);
  const known = aggregationsFor(metric);
  const expected = `an aggregation of a ${metric.type}: ${listNames(known)}`;
  const nearest = nearestName(word, known);
  return [mistakeAt(path, expected, expression, nearest && expression.replace(word, nearest))];
}
