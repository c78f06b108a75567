// Which limits of a suite can be on what one of its profiles does: a limit of the suite may be on a task that this
// profile leaves out, and a pattern changes who takes part. Called by plan.ts.

import type { AlertPlan } from '../model/alert.ts';
import type { ComparisonPlan } from '../model/comparison.ts';
import { otherValues, seriesKey, type Tags } from '../model/metric.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import type { ProfileDefinition, SuiteDefinition } from '../model/suite.ts';
import { knownValues } from '../suite/declared-values.ts';
import { canOccur, placesOf } from '../suite/places.ts';

interface Selection {
  readonly metric: string;
  readonly tags: Tags;
}

export interface Limits {
  readonly thresholds: readonly ThresholdPlan[];
  readonly alerts: readonly AlertPlan[];
  readonly comparisons: readonly ComparisonPlan[];
}

export interface OccurringLimits extends Limits {
  /** In words: limits on what the profile never does. */
  readonly leftOut: readonly string[];
}

/** Parts the limits that can see something from those that cannot; `tags` are those of the command line. */
export function occurringLimits(
  { thresholds, alerts, comparisons }: Limits,
  suite: SuiteDefinition,
  profile: ProfileDefinition,
  tags: Tags = {},
): OccurringLimits {
  const occurs = occurrence(suite, profile, tags);
  const leftOut: string[] = [];
  const kept = <Limit>(
    all: readonly Limit[],
    selectionsOf: (limit: Limit) => Selection[],
    what: string,
  ): Limit[] =>
    all.filter((limit) => {
      const missing = selectionsOf(limit).find((one) => !occurs(one));
      if (missing !== undefined) leftOut.push(`${what} on ${seriesKey(missing.metric, missing.tags)}`);
      return missing === undefined;
    });
  return {
    thresholds: kept(thresholds, (one) => [one], 'the threshold'),
    alerts: kept(alerts, ({ rules }) => rules.flatMap(({ conditions }) => conditions), 'the alert'),
    comparisons: kept(
      comparisons,
      ({ metric, of, against }) => [of, against].map((side) => ({ metric, tags: side })),
      'the comparison',
    ),
    leftOut: [...new Set(leftOut)],
  };
}

function occurrence(
  suite: SuiteDefinition,
  profile: ProfileDefinition,
  given: Tags,
): (one: Selection) => boolean {
  const places = placesOf(suite, profile);
  return ({ metric, tags }) => {
    const ofSuite = knownValues(suite, suite, metric);
    const ofProfile = knownValues(suite, profile, metric);
    const isDeclared = ([name, value]: [string, string]): boolean =>
      ofProfile.get(name)?.has(value) === true || given[name] === value;
    const placed = Object.entries(tags).filter((tag) => !isDeclared(tag) && tag[1] !== otherValues);
    // What other profiles declare for a tag that is known in full, this one does not have.
    if (placed.some(([name, value]) => ofSuite.get(name)?.has(value) === true)) return false;
    return canOccur(metric, Object.fromEntries(placed), places);
  };
}
