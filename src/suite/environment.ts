// Applies the environment chosen by `--env`: its base URL and variables. Used by suite.ts.

import { type Mistake, UsageError } from '../model/errors.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { nearestName } from '../text/nearest-name.ts';
import { listNames } from './mistake.ts';
import { settingsInEnvironment } from './protocol-settings.ts';

/** Name of the environment when none is given. */
const defaultEnvironment = 'local';

export interface AppliedEnvironment {
  readonly definition: SuiteDefinition;
  readonly environment: string;
  /** The process environment with the variables of the chosen one over it. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The suite as it is in the environment `name` (`local` when absent). A suite that declares environments
 * accepts only those, and `local`; one that declares none takes any name as a mere label. Throws a
 * `UsageError` for a name it does not know.
 */
export function applyEnvironment(
  suite: SuiteDefinition,
  name: string | undefined,
  env: NodeJS.ProcessEnv,
): AppliedEnvironment {
  const environment = name ?? defaultEnvironment;
  const declared = suite.environments ?? {};
  const names = Object.keys(declared);
  const chosen = Object.hasOwn(declared, environment) ? declared[environment] : undefined;
  if (chosen === undefined && name !== undefined && name !== defaultEnvironment && names.length > 0) {
    const nearest = nearestName(name, names);
    throw new UsageError(
      `${suite.name} has no environment called ${name}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
      { hint: `its environments: ${listNames(names)}` },
    );
  }
  const baseUrl = chosen?.baseUrl ?? suite.baseUrl;
  const ownEnv = { ...env, ...chosen?.env };
  return {
    definition: {
      ...suite,
      ...settingsInEnvironment(suite, chosen, ownEnv),
      ...(baseUrl === undefined ? {} : { baseUrl }),
      ...(chosen?.monitors === undefined ? {} : { monitors: { ...suite.monitors, ...chosen.monitors } }),
    },
    environment,
    env: ownEnv,
  };
}

/** How to go on without them. */
export const missingEnvHint =
  'set each before the command, as in NAME=value plimsoll run ..., or with export NAME=value; a shipped target that is started with --with-target sets its own';

/** A mistake for each variable that the suite requires and that is not set, or empty. */
export function findMissingEnv(suite: SuiteDefinition, env: NodeJS.ProcessEnv): Mistake[] {
  return (suite.requiredEnv ?? []).flatMap((name, i) =>
    env[name] === undefined || env[name] === ''
      ? [
          {
            path: `requiredEnv[${i}]`,
            expected: `the environment variable ${name} to be set and not empty`,
          },
        ]
      : [],
  );
}
