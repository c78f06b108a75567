// Which users a profile is driven by when the command line names a pattern. Called by plan.ts before the layout.

import { UsageError } from '../model/errors.ts';
import type { ProfileDefinition, ScenarioDefinition, SuiteDefinition } from '../model/suite.ts';
import { nearestName } from '../text/nearest-name.ts';

/**
 * The profile with the users of a pattern of the suite in all its scenarios, or with one user class of that name.
 * Throws a `UsageError` with the nearest name when there is neither.
 */
export function withPattern(
  suite: SuiteDefinition,
  profile: ProfileDefinition,
  pattern: string | undefined,
): ProfileDefinition {
  if (pattern === undefined) return profile;
  const users = usersOf(suite, pattern);
  const change = <Scenario extends ScenarioDefinition>(scenario: Scenario): Scenario => ({
    ...scenario,
    users,
  });
  if ('phases' in profile) return { ...profile, phases: profile.phases.map(change) };
  if ('scenarios' in profile) {
    const scenarios = Object.entries(profile.scenarios).map(([name, one]) => [name, change(one)] as const);
    return { ...profile, scenarios: Object.fromEntries(scenarios) };
  }
  return { ...profile, users };
}

function usersOf(suite: SuiteDefinition, pattern: string): NonNullable<ScenarioDefinition['users']> {
  const { patterns = {}, users } = suite;
  if (Object.hasOwn(patterns, pattern)) return patterns[pattern]!;
  if (Object.hasOwn(users, pattern)) return [pattern];
  const names = [...new Set([...Object.keys(patterns), ...Object.keys(users)])];
  const nearest = nearestName(pattern, names);
  throw new UsageError(
    `${suite.name} has no pattern "${pattern}"${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
    { hint: `choose one of its patterns: ${names.join(', ')}` },
  );
}
