// The objectives of a suite as they apply to one profile: which thresholds decide each, and what the profile cannot show.
// Called by plan.ts.

import { seriesKey } from '../model/metric.ts';
import type { ClassPlan, ObjectivePlan, ThresholdReference } from '../model/objective.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import type { ObjectiveDefinition, ProfileDefinition, SuiteDefinition } from '../model/suite.ts';
import { classLimitsOf, isNamed, isSame, parseThresholdName } from '../suite/objective-parts.ts';
import { makeThresholdPlans } from '../suite/threshold-expression.ts';

/** Parts thresholds into those that the profile can judge and, in words, those that it cannot. */
export type Sieve = (thresholds: readonly ThresholdPlan[]) => {
  readonly kept: readonly ThresholdPlan[];
  readonly leftOut: readonly string[];
};

export interface PlannedObjectives {
  /** In the order of the suite, then of its profiles; those of other profiles say which. */
  readonly objectives: readonly ObjectivePlan[];
  /** The thresholds of the plan, with those of objectives that it had not yet. */
  readonly thresholds: readonly ThresholdPlan[];
}

interface Candidate {
  readonly name: string;
  readonly definition: ObjectiveDefinition;
  /** The profiles that judge it. */
  readonly profiles: readonly string[];
}

/** `thresholds` are those that the profile has whatever its objectives are. */
export function planObjectives(
  suite: SuiteDefinition,
  profileName: string,
  thresholds: readonly ThresholdPlan[],
  sieve: Sieve,
): PlannedObjectives {
  const all = new Map(thresholds.map((one) => [identityOf(one), one]));
  const added: ThresholdPlan[] = [];
  const objectives = candidates(suite, profileName).map(({ name, definition, profiles }): ObjectivePlan => {
    const { title = name, description, dimension = 'other', weight = 1, impact, remediation } = definition;
    const common = {
      name,
      title,
      ...(description !== undefined && { description }),
      dimension,
      weight,
      ...(impact !== undefined && { impact }),
      ...(remediation !== undefined && { remediation }),
      profiles,
    };
    if (!profiles.includes(profileName)) return { ...common, thresholds: [], isElsewhere: true };
    const { found, untested } = thresholdsOf(definition, thresholds, sieve);
    for (const one of found) {
      const identity = identityOf(one);
      if (all.has(identity)) continue;
      all.set(identity, one);
      added.push(one);
    }
    const classes = classPlan(definition, found);
    return {
      ...common,
      thresholds: uniqueReferences(found),
      ...(classes !== undefined && { classes }),
      ...(untested.length > 0 && { untested }),
    };
  });
  return { objectives, thresholds: [...thresholds, ...added] };
}

function candidates({ objectives = {}, profiles }: SuiteDefinition, profileName: string): Candidate[] {
  const names = new Set([
    ...Object.keys(objectives),
    ...Object.values(profiles).flatMap((profile) => Object.keys(profile.objectives ?? {})),
  ]);
  return [...names].map((name) => {
    const general = Object.hasOwn(objectives, name) ? objectives[name] : undefined;
    const judging = Object.entries(profiles).filter(
      ([profile, definition]) =>
        !isSearch(definition) &&
        (ownOf(definition, name) !== undefined ||
          (general !== undefined && (general.profiles?.includes(profile) ?? true))),
    );
    const own = Object.hasOwn(profiles, profileName) ? ownOf(profiles[profileName]!, name) : undefined;
    const [[, other] = []] = judging;
    const definition = own ?? general ?? (other && ownOf(other, name));
    return { name, definition: definition!, profiles: judging.map(([profile]) => profile) };
  });
}

/** What a profile says of an objective in place of the suite. */
function ownOf({ objectives = {} }: ProfileDefinition, name: string): ObjectiveDefinition | undefined {
  return Object.hasOwn(objectives, name) ? objectives[name] : undefined;
}

function isSearch(profile: ProfileDefinition): boolean {
  return 'executor' in profile && profile.executor === 'capacity-search';
}

/** The thresholds that decide an objective, and what it takes that the profile does not do or watch. */
function thresholdsOf(
  { thresholds }: ObjectiveDefinition,
  known: readonly ThresholdPlan[],
  sieve: Sieve,
): { found: readonly ThresholdPlan[]; untested: readonly string[] } {
  if (!isListOfNames(thresholds)) {
    const { kept, leftOut } = sieve(makeThresholdPlans(thresholds));
    return { found: kept, untested: leftOut };
  }
  const untested: string[] = [];
  const found = thresholds.flatMap((text) => {
    const name = parseThresholdName(text);
    if (name === undefined) throw new TypeError(`not the name of a threshold: ${text}`);
    const named = known.filter((one) => isNamed(name, { ...one, series: seriesKey(one.metric, one.tags) }));
    if (named.length === 0) untested.push(`the threshold ${text}`);
    return named;
  });
  return { found, untested };
}

function isListOfNames(thresholds: ObjectiveDefinition['thresholds']): thresholds is readonly string[] {
  return Array.isArray(thresholds);
}

/** Two thresholds with one identity say the same in every respect. */
function identityOf({ tags, ...rest }: ThresholdPlan): string {
  const parts = Object.entries(rest).sort(([x], [y]) => (x < y ? -1 : 1));
  return JSON.stringify([seriesKey('', tags), ...parts]);
}

function uniqueReferences(thresholds: readonly ThresholdPlan[]): ThresholdReference[] {
  const references = new Map<string, ThresholdReference>();
  for (const { metric, tags, expression, level } of thresholds) {
    if (level === 'search') continue;
    const reference = { series: seriesKey(metric, tags), expression, level };
    references.set(JSON.stringify(reference), reference);
  }
  return [...references.values()];
}

/** Of a figure that the profile does not judge, too: its class is open then. `undefined` for an objective without classes. */
function classPlan(
  { classes, thresholds }: ObjectiveDefinition,
  found: readonly ThresholdPlan[],
): ClassPlan | undefined {
  const limits = classes && classLimitsOf(classes);
  if (classes === undefined || limits === undefined) return undefined;
  const wanted = classes.metric === undefined ? undefined : parseThresholdName(classes.metric)?.series;
  const figure = found.find(
    ({ metric, tags, aggregation, windows }) =>
      windows === undefined &&
      (wanted === undefined || seriesKey(metric, tags) === wanted) &&
      isSame(aggregation, limits.aggregation),
  );
  const [first = ''] = isListOfNames(thresholds) ? thresholds : Object.keys(thresholds);
  const written = wanted ?? parseThresholdName(first)?.series ?? first;
  return { series: figure === undefined ? written : seriesKey(figure.metric, figure.tags), ...limits };
}
