// What objectives of a suite refer to: names of thresholds, and limits of classes. The rules call it to find mistakes,
// plan/objectives.ts to make the plan.

import type { Aggregation } from '../model/aggregation.ts';
import { seriesKey } from '../model/metric.ts';
import type { ClassLimit, ThresholdReference } from '../model/objective.ts';
import { objectiveClasses } from '../model/objective.ts';
import type { ObjectiveDefinition } from '../model/suite.ts';
import { parseSelector } from './selector.ts';
import { parseThresholdExpression } from './threshold-expression.ts';

/** The name of a threshold, taken apart. */
export interface ThresholdName {
  /** Series key. */
  readonly series: string;
  /** As written; absent: every threshold on the series. */
  readonly expression?: string;
}

/** Parses `checks`, `http_req_duration{task:price}`, `http_req_duration: p(95)<100`; `undefined` for anything else. */
export function parseThresholdName(text: string): ThresholdName | undefined {
  const colon = text.lastIndexOf(':');
  const expression = text.slice(colon + 1).trim();
  if (colon > 0 && parseThresholdExpression(expression) !== undefined) {
    const selector = parseSelector(text.slice(0, colon));
    if (selector !== undefined) return { series: seriesKey(selector.metric, selector.tags), expression };
  }
  const selector = parseSelector(text);
  return selector && { series: seriesKey(selector.metric, selector.tags) };
}

/** Whether a threshold is one that the name means; blanks in expressions do not count. */
export function isNamed(
  { series, expression }: ThresholdName,
  threshold: Pick<ThresholdReference, 'series' | 'expression'>,
): boolean {
  if (threshold.series !== series) return false;
  return expression === undefined || withoutBlanks(expression) === withoutBlanks(threshold.expression);
}

function withoutBlanks(text: string): string {
  return text.replaceAll(/\s/g, '');
}

export interface ClassLimits {
  readonly aggregation: Aggregation;
  readonly limits: readonly ClassLimit[];
}

/**
 * The limits of classes, the best first. Throws a `TypeError` for what does not parse, or has several aggregations:
 * validated suites cannot hold such classes.
 */
export function classLimitsOf(classes: NonNullable<ObjectiveDefinition['classes']>): ClassLimits | undefined {
  let aggregation: Aggregation | undefined;
  const limits = objectiveClasses.flatMap((name): ClassLimit[] => {
    const expression = name === 'needs-work' ? undefined : classes[name];
    if (name === 'needs-work' || expression === undefined) return [];
    const parsed = parseThresholdExpression(expression);
    if (parsed === undefined || (aggregation !== undefined && !isSame(aggregation, parsed.aggregation)))
      throw new TypeError(`not a limit of a class: ${expression}`);
    aggregation = parsed.aggregation;
    return [{ class: name, expression, operator: parsed.operator, limit: parsed.limit }];
  });
  return aggregation && { aggregation, limits };
}

/** Whether two aggregations are the same. */
export function isSame(a: Aggregation, b: Aggregation): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
