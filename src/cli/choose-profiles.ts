// Which profiles of a suite a command means, by name, by part of a name, by markers or by default, and in which order.

import { UsageError } from '../model/errors.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { type CourseStep, courseOf, profilesInOrder, profilesOfCourse } from '../plan/course.ts';
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
  readonly quickTest?: boolean;
  readonly stress?: boolean;
  /** Profiles or markers; `all`: every profile. */
  readonly scenario?: readonly string[];
  /** Profiles with the marker `test`; `all`: each of them. */
  readonly test?: readonly string[];
}

/** Flags that stand for the name of a profile. */
const shortNames = [
  { key: 'quick', name: 'quick', flag: '--quick' },
  { key: 'quickTest', name: 'quick_test', flag: '--quick-test' },
  { key: 'stress', name: 'stress', flag: '--stress' },
] as const;

/** Of profiles that `--test` chooses from. */
const testMarker = 'test';

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
  const { profile = [], scenario = [], test = [] } = choice;
  const short = shortNames.filter(({ key }) => choice[key] === true);
  const isNamed = profile.length + scenario.length + test.length + short.length > 0;
  const isAll = choice.all === true || choice.fullSuite === true;
  if (choice.marker !== undefined) {
    const { marker: _, ...rest } = choice;
    const among = isNamed || isAll ? chooseProfiles(suite, rest) : known;
    return marked(suite, among, choice.marker);
  }
  if (isAll) return profilesOfCourse(suite);
  if (isNamed) {
    const chosen = [
      ...profile.flatMap((name) => matching(name, known, suite)),
      ...scenario.flatMap((name) => ofScenario(suite, name, known)),
      ...test.flatMap((name) => ofTest(suite, name, known)),
      ...short.flatMap(({ name, flag }) => matching(name, known, suite, flag)),
    ];
    return [...new Set(chosen)];
  }
  if (suite.defaultProfile !== undefined) return [suite.defaultProfile];
  if (known.includes('smoke')) return ['smoke'];
  if (known.length === 1) return known;
  throw new UsageError(`choose a profile of ${suite.name} with --profile: ${known.join(', ')}`);
}

function hasMarker(suite: SuiteDefinition, profile: string, marker: string): boolean {
  return suite.profiles[profile]!.markers?.includes(marker) ?? false;
}

/** What other tools call a scenario: a profile, or all that share a marker. */
function ofScenario(suite: SuiteDefinition, name: string, known: readonly string[]): readonly string[] {
  if (name === 'all' && !known.includes(name)) return profilesOfCourse(suite);
  const marked = known.filter((profile) => hasMarker(suite, profile, name));
  return known.includes(name) || marked.length === 0 ? matching(name, known, suite) : marked;
}

/** Throws a `UsageError` when no test fits. */
function ofTest(suite: SuiteDefinition, name: string, known: readonly string[]): readonly string[] {
  const tests = known.filter((profile) => hasMarker(suite, profile, testMarker));
  if (name === 'all' && tests.length > 0) return tests;
  if (tests.includes(name)) return [name];
  const containing = name === '' ? [] : tests.filter((profile) => profile.includes(name));
  if (containing.length > 0) return containing;
  const nearest = nearestName(name, tests);
  throw new UsageError(
    `--test ${name}: ${suite.name} has no such test${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
    {
      hint:
        tests.length === 0
          ? 'tests are the profiles with the marker "test"; choose others by --profile'
          : `its tests: all, ${tests.join(', ')}`,
    },
  );
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
  flag?: string,
): readonly string[] {
  if (known.includes(name)) return [name];
  const containing = name === '' ? [] : known.filter((profile) => profile.includes(name));
  if (containing.length > 0) return containing;
  throw noProfileError(suite, name, flag === undefined ? '' : `${flag} is short for --profile ${name}, and `);
}
