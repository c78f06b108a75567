// Rules of `scaling`: triggers and actions that parse, words and metrics that exist. Called by rules.ts.

import type { Mistake } from '../model/errors.ts';
import type { MetricDefinition } from '../model/metric.ts';
import { recordOf } from './mistake.ts';
import { readScaling } from './read-scaling.ts';
import { metricsOf } from './rules-thresholds.ts';

/** All mistakes in the `scaling` of a suite; its rules may be on monitors that only some profiles have. */
export function findScalingMistakes(suite: unknown): Mistake[] {
  const { scaling } = recordOf(suite);
  if (scaling === undefined) return [];
  return [...readScaling(['scaling'], scaling, metricsOfAll(suite)).mistakes];
}

/** The metrics that a suite has in any profile. */
export function metricsOfAll(suite: unknown): Record<string, MetricDefinition> {
  const profiles = Object.values(recordOf(recordOf(suite).profiles));
  return Object.assign(
    metricsOf(suite, suite),
    ...profiles.map((profile) => metricsOf(suite, profile)),
  ) as Record<string, MetricDefinition>;
}
