// Rules of alerts: at least one level, expressions that parse, metrics that exist. Called by rules.ts.

import type { Mistake } from '../model/errors.ts';
import { nearestName } from '../text/nearest-name.ts';
import { parseAlertRule } from './alert-expression.ts';
import { mistakeAt, type Path, recordOf } from './mistake.ts';
import { findTagMistakes } from './rules-tags.ts';
import { metricsOf } from './rules-thresholds.ts';

/** All mistakes in the `alerts` of `holder`, which is a profile or the suite itself. */
export function findAlertMistakes(path: Path, holder: unknown, suite: unknown): Mistake[] {
  const alerts = Object.entries(recordOf(recordOf(holder).alerts));
  if (alerts.length === 0) return [];
  const metrics = metricsOf(suite, holder);
  return alerts.flatMap(([name, alert]) => {
    const at = [...path, name];
    const { warning, critical, abort } = recordOf(alert);
    if (warning === undefined && critical === undefined) {
      return [mistakeAt(at, '`warning`, `critical` or both', alert)];
    }
    const mistakes: Mistake[] = [];
    for (const [level, expression] of [
      ['warning', warning],
      ['critical', critical],
    ] as const) {
      if (typeof expression !== 'string') continue;
      const rule = parseAlertRule(expression, level, metrics);
      if (!('expected' in rule)) {
        mistakes.push(
          ...rule.conditions.flatMap((one) => findTagMistakes([...at, level], one, holder, suite)),
        );
        continue;
      }
      const nearest = nearestName(rule.found, Object.keys(metrics));
      const suggestion = rule.expected.startsWith('a metric') ? nearest : undefined;
      mistakes.push(mistakeAt([...at, level], rule.expected, rule.found, suggestion));
    }
    if (abort === true && critical === undefined) {
      mistakes.push(
        mistakeAt([...at, 'abort'], '`critical` as well: only a critical alert ends a run', abort),
      );
    }
    return mistakes;
  });
}
