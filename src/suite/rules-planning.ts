// Rules of `recommendations`: ids that are known or complete, and conditions on figures that records hold. Called by rules.ts.

import type { Mistake } from '../model/errors.ts';
import { recommendationRuleIds } from '../model/recommendation.ts';
import { nearestName } from '../text/nearest-name.ts';
import { listNames, mistakeAt, type Path, recordOf } from './mistake.ts';
import { findExpressionMistakes, metricsOf } from './rules-thresholds.ts';
import { parseThresholdExpression } from './threshold-expression.ts';

const needed = ['component', 'recommended', 'priority', 'effort', 'when'] as const;
const mostRules = 100;
/** Percentiles that records keep of every metric. */
const keptPercentiles: readonly number[] = [90, 95, 99];

/** All mistakes in the `recommendations` of a suite that take more than one field to see. */
export function findRecommendationMistakes(suite: unknown): Mistake[] {
  const rules = Object.entries(recordOf(recordOf(suite).recommendations));
  if (rules.length > mostRules) {
    return [mistakeAt(['recommendations'], `at most ${mostRules} rules`, `${rules.length} rules`)];
  }
  return rules.flatMap(([id, rule]) => {
    const at = ['recommendations', id];
    const isKnown = recommendationRuleIds.some((one) => one === id);
    const nearest = nearestName(id, recommendationRuleIds);
    if (rule === false) {
      return isKnown
        ? []
        : [mistakeAt(at, `a rule that there is: ${listNames(recommendationRuleIds)}`, id, nearest)];
    }
    const fields = recordOf(rule);
    const missing = needed.filter((field) => fields[field] === undefined);
    const incomplete =
      isKnown || missing.length === 0 || typeof rule !== 'object'
        ? []
        : [
            mistakeAt(
              at,
              `${listNames(missing)} as well, since this rule is the suite's own`,
              rule,
              nearest === id ? undefined : nearest,
            ),
          ];
    return [...incomplete, ...findConditionMistakes([...at, 'when'], fields.when, suite)];
  });
}

function findConditionMistakes(at: Path, when: unknown, suite: unknown): Mistake[] {
  if (when === undefined) return [];
  const metrics = allMetricsOf(suite);
  const entries = Object.entries(recordOf(when));
  if (entries.length === 0 && typeof when === 'object') return [mistakeAt(at, 'at least one metric', when)];
  return entries.flatMap(([metric, expressions]) => {
    const path = [...at, metric];
    if (!Object.hasOwn(metrics, metric)) {
      const expected =
        'a metric as a whole: a built-in one, one declared under `metrics`, or one of a monitor';
      return [mistakeAt(path, expected, metric, nearestName(metric, Object.keys(metrics)))];
    }
    return [expressions].flat().flatMap((expression) => {
      if (typeof expression !== 'string') return [];
      const mistakes = findExpressionMistakes(path, expression, metrics[metric]);
      const aggregation = parseThresholdExpression(expression)?.aggregation;
      const isKept =
        aggregation === undefined ||
        (aggregation.kind === 'percentile'
          ? keptPercentiles.includes(aggregation.p)
          : aggregation.kind !== 'share_above');
      if (mistakes.length > 0 || isKept) return mistakes;
      return [
        mistakeAt(path, 'a figure that records keep: p(90), p(95), p(99), avg, min, max or med', expression),
      ];
    });
  });
}

/** Those of the suite and of all of its profiles: a rule whose metric a run lacks does not apply to it. */
function allMetricsOf(suite: unknown): ReturnType<typeof metricsOf> {
  const profiles = Object.values(recordOf(recordOf(suite).profiles));
  return Object.assign(
    Object.create(null) as ReturnType<typeof metricsOf>,
    ...[suite, ...profiles].map((holder) => metricsOf(suite, holder)),
  ) as ReturnType<typeof metricsOf>;
}
