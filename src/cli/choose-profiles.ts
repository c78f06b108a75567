// Which profiles of a suite a command means, by name, by part of a name, by markers or by default, and in which order.

import { UsageError } from '../model/errors.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { type CourseStep, courseOf, profilesInOrder } from '../plan/course.ts';
import { parseMarkerExpression } from '../plan/marker-expression.ts';
import { noProfileError } from '../plan/plan.ts';
import { nearestName } from '../text/nearest-name.ts';

export interface ProfileChoice {
  readonly profile?: readonly string[];
  readonly all?: boolean;
  /** The same. */
  readonly fullSuite?: boolean;
  /** An expression on the markers of profiles; of all profiles, where none is named. */
  readonly marker?: string;
  readonly quick?: boolean;
  readonly stress?: boolean;
}

/** The chosen profiles with what each waits for, in the order of the suite's course, or as they are named. */
export function chooseSteps(suite: SuiteDefinition, choice: ProfileChoice): CourseStep[] {
  return courseOf(suite, chooseProfiles(suite, choice));
}

/**
 * The profiles to run, in order. A name matches a profile outright, or else every profile that contains it.
 * Without a choice it is the suite's `defaultProfile`, else `smoke`, else the only profile there is. Throws a `UsageError` when nothing fits.
 */
export function chooseProfiles(suite: SuiteDefinition, choice: ProfileChoice): string[] {
  const known = profilesInOrder(suite);
  const isNamed = (choice.profile ?? []).length > 0 || choice.quick === true || choice.stress === true;
  const isAll = choice.all === true || choice.fullSuite === true;
  if (choice.marker !== undefined) {
    const { marker: _, ...rest } = choice;
    const among = isNamed || isAll ? chooseProfiles(suite, rest) : known;
    return marked(suite, among, choice.marker);
  }
  if (isAll) return known;
  const wanted = [
    ...(choice.profile ?? []).map((name) => ({ name, flag: undefined })),
    ...(choice.quick ? [{ name: 'quick', flag: '--quick' }] : []),
    ...(choice.stress ? [{ name: 'stress', flag: '--stress' }] : []),
  ];
  if (wanted.length > 0) {
    return [...new Set(wanted.flatMap(({ name, flag }) => matching(name, known, suite, flag)))];
  }
  if (suite.defaultProfile !== undefined) return [suite.defaultProfile];
  if (known.includes('smoke')) return ['smoke'];
  if (known.length === 1) return known;
  throw new UsageError(`choose a profile of ${suite.name} with --profile: ${known.join(', ')}`);
}

/** Those whose markers fit. Throws a `UsageError` for a marker that no profile has, and when none fits. */
function marked(suite: SuiteDefinition, among: readonly string[], source: string): string[] {
  const expression = parseMarkerExpression(source);
  const markersOf = (profile: string): readonly string[] => suite.profiles[profile]!.markers ?? [];
  const known = [...new Set(Object.keys(suite.profiles).flatMap(markersOf))].sort();
  const hint =
    known.length === 0
      ? `give profiles of ${suite.name} markers, as markers: ["load"]`
      : `the markers of ${suite.name}: ${known.join(', ')}`;
  const unknown = expression.markers.find((marker) => !known.includes(marker));
  if (unknown !== undefined) {
    const nearest = nearestName(unknown, known);
    const question = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    throw new UsageError(`no profile of ${suite.name} has the marker ${unknown}${question}`, { hint });
  }
  const fitting = among.filter((profile) => expression.matches(markersOf(profile)));
  if (fitting.length > 0) return fitting;
  throw new UsageError(`no profile fits --marker ${JSON.stringify(source)}`, { hint });
}

/**
 * The first of the `usual` ones that the suite has, else the only profile there is; or what `--profile` names, which must be
 * one. Throws a `UsageError` when nothing fits.
 */
export function chooseProfile(
  suite: SuiteDefinition,
  wanted: string | undefined,
  usual: readonly string[],
): string {
  if (wanted !== undefined) {
    const [profile, ...others] = chooseProfiles(suite, { profile: [wanted] });
    if (others.length === 0) return profile!;
    throw new UsageError(
      `--profile ${wanted}: expected one profile, but this matches ${[profile, ...others].join(', ')}`,
    );
  }
  const known = Object.keys(suite.profiles);
  const found = usual.find((name) => known.includes(name));
  if (found !== undefined) return found;
  if (known.length === 1) return known[0]!;
  throw new UsageError(`choose a profile of ${suite.name} with --profile: ${known.join(', ')}`);
}

/** `flag` is the one that stands for the name, when the name itself was not typed. */
function matching(
  name: string,
  known: readonly string[],
  suite: SuiteDefinition,
  flag: string | undefined,
): readonly string[] {
  if (known.includes(name)) return [name];
  const containing = name === '' ? [] : known.filter((profile) => profile.includes(name));
  if (containing.length > 0) return containing;
  throw noProfileError(suite, name, flag === undefined ? '' : `${flag} is short for --profile ${name}, and `);
}
