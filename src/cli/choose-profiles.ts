// Which profiles of a suite a command means: by name, by part of a name, or by default.

import { UsageError } from '../model/errors.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { noProfileError } from '../plan/plan.ts';

export interface ProfileChoice {
  readonly profile?: readonly string[];
  readonly all?: boolean;
  readonly quick?: boolean;
  readonly stress?: boolean;
}

/**
 * The profiles to run, in order. A name matches a profile outright, or else every profile that contains it.
 * Without a choice it is the suite's `defaultProfile`, else `smoke`, else the only profile there is. Throws a `UsageError` when nothing fits.
 */
export function chooseProfiles(suite: SuiteDefinition, choice: ProfileChoice): string[] {
  const known = Object.keys(suite.profiles);
  if (choice.all) return known;
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
