// Rules of comparisons: metrics that are trends, two different sides, limits that parse. Called by rules.ts.

import type { Mistake } from '../model/errors.ts';
import { seriesKey, type Tags } from '../model/metric.ts';
import { nearestName } from '../text/nearest-name.ts';
import { parseComparisonLimit } from './comparison-limit.ts';
import { mistakeAt, type Path, recordOf } from './mistake.ts';
import { findTagMistakes } from './rules-tags.ts';
import { metricsOf } from './rules-thresholds.ts';

/** All mistakes in the `comparisons` of `holder`, which is a profile or the suite itself. */
export function findComparisonMistakes(path: Path, holder: unknown, suite: unknown): Mistake[] {
  const comparisons = Object.entries(recordOf(recordOf(holder).comparisons));
  if (comparisons.length === 0) return [];
  const metrics = metricsOf(suite, holder);
  return comparisons.flatMap(([name, comparison]) => {
    const { metric, of, against, limit } = recordOf(comparison);
    const at = [...path, name];
    const mistakes: Mistake[] = [];
    if (typeof metric === 'string' && metrics[metric]?.type !== 'trend') {
      const trends = Object.keys(metrics).filter((one) => metrics[one]!.type === 'trend');
      const expected = 'a trend: a built-in one, or one declared under `metrics`';
      mistakes.push(mistakeAt([...at, 'metric'], expected, metric, nearestName(metric, trends)));
    }
    for (const [side, given] of Object.entries({ of, against })) {
      const tags = recordOf(given) as Tags;
      if (typeof metric === 'string') {
        mistakes.push(...findTagMistakes([...at, side], { metric, tags }, holder, suite));
      }
    }
    if (sideKey(of) === sideKey(against)) {
      mistakes.push(mistakeAt([...at, 'against'], 'other tags than those of `of`', against));
    }
    if (typeof limit === 'string' && parseComparisonLimit(limit) === undefined) {
      mistakes.push(mistakeAt([...at, 'limit'], 'a limit in percent such as "<10%"', limit));
    }
    return mistakes;
  });
}

function sideKey(side: unknown): string {
  return seriesKey('', recordOf(side) as Tags);
}
