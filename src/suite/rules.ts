// Rules of a suite beyond the shape of its parts: names, references, and what excludes what. Called by
// schema.ts. Rules read raw values and pass over what the shape has already reported.

import type { Mistake } from '../model/errors.ts';
import { findAnalysisMistakes } from './analysis-limits.ts';
import { mistakeAt, type Path, printPath, recordOf, unknownName } from './mistake.ts';
import { findAlertMistakes } from './rules-alerts.ts';
import { findComparisonMistakes } from './rules-comparisons.ts';
import { findCourseMistakes } from './rules-course.ts';
import { feederNames, findDataMistakes } from './rules-data.ts';
import { findFaultMistakes, findRigMistakes } from './rules-faults.ts';
import { findBearerMistakes, findHeaderMistakes, findHeadersOfSettings } from './rules-headers.ts';
import { findMeasureMistakes } from './rules-measures.ts';
import { findMonitorMistakes } from './rules-monitors.ts';
import {
  findChoiceMistakes,
  findEmptyUsers,
  findNameMistakes,
  findReferenceMistakes,
} from './rules-names.ts';
import { findObjectiveMistakes } from './rules-objectives.ts';
import { findRecommendationMistakes } from './rules-planning.ts';
import { findProfileMistakes } from './rules-profiles.ts';
import { findScalingMistakes } from './rules-scaling.ts';
import { findScheduleMistakes } from './rules-schedules.ts';
import { findThresholdMistakes } from './rules-thresholds.ts';
import { findTemplateMistakes } from './template.ts';

const bodyKeys = ['json', 'form', 'body'];

function findRequestMistakes(path: Path, request: unknown, suite: unknown): Mistake[] {
  const bodies = bodyKeys.filter((key) => recordOf(request)[key] !== undefined);
  const tooMany =
    bodies.length > 1
      ? [
          {
            path: printPath(path),
            expected: 'at most one of json, form and body',
            found: bodies.join(' and '),
          },
        ]
      : [];
  return [
    ...tooMany,
    ...findUnreadValues(path, request),
    ...findMeasureMistakes(path, request, suite),
    ...findHeaderMistakes(path, request),
    ...findBearerMistakes(path, request),
    ...findTemplateMistakes(path, request, feederNames(suite)),
  ];
}

/** Nothing can be taken from a body that is not kept. */
function findUnreadValues(path: Path, request: unknown): Mistake[] {
  const { save, measure, checks, responseType } = recordOf(request);
  if (responseType !== 'none' && responseType !== 'stream') return [];
  const readers = Object.entries({ save, measure }).filter(([, values]) =>
    Object.values(recordOf(values)).some((value) => !Object.hasOwn(recordOf(value), 'header')),
  );
  const inChecks = Object.values(recordOf(checks)).some((check) => recordOf(check).json !== undefined);
  const [reader] = [...readers.map(([key]) => key), ...(inChecks ? ['a check of json'] : [])];
  if (reader === undefined) return [];
  return [
    mistakeAt(
      [...path, 'responseType'],
      `"text", "buffer" or "json", since ${reader} reads the body`,
      responseType,
    ),
  ];
}

function findMistakesOfRequests(path: Path, action: unknown, suite: unknown): Mistake[] {
  const { requests } = recordOf(action);
  return Array.isArray(requests)
    ? requests.flatMap((request, i) => findRequestMistakes([...path, 'requests', i], request, suite))
    : [];
}

function findUserMistakes(path: Path, user: unknown, suite: unknown): Mistake[] {
  const hooks = (['onStart', 'onStop'] as const).flatMap((key) =>
    findMistakesOfRequests([...path, key], recordOf(user)[key], suite),
  );
  const choice = findChoiceMistakes(path, user, ['tasks', 'flow']);
  const parts = (['tasks', 'flow'] as const).flatMap((key) => {
    const value = recordOf(user)[key];
    const actions = Object.entries(recordOf(value));
    const empty =
      value !== undefined && actions.length === 0
        ? [mistakeAt([...path, key], `at least one entry`, value)]
        : [];
    return [
      ...empty,
      ...actions.flatMap(([name, action]) => [
        ...findNameMistakes([...path, key, name], name),
        ...findChoiceMistakes([...path, key, name], action, ['run', 'requests']),
        ...findMistakesOfRequests([...path, key, name], action, suite),
      ]),
    ];
  });
  return [...hooks, ...choice, ...parts];
}

/** All mistakes that take more than one field to see. */
export function findRuleMistakes(suite: unknown): Mistake[] {
  const { name, users, profiles, environments, requiredEnv } = recordOf(suite);
  const atLeastOne = (['users', 'profiles'] as const).flatMap((key) => {
    const value = recordOf(suite)[key];
    const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    return isEmpty ? [mistakeAt([key], `at least one of the ${key}`, value)] : [];
  });
  return [
    ...findNameMistakes(['name'], name),
    ...atLeastOne,
    ...Object.entries(recordOf(users)).flatMap(([userName, user]) => [
      ...findNameMistakes(['users', userName], userName),
      ...findUserMistakes(['users', userName], user, suite),
    ]),
    ...Object.entries(recordOf(profiles)).flatMap(([profileName, profile]) => [
      ...findNameMistakes(['profiles', profileName], profileName),
      ...findProfileMistakes(['profiles', profileName], profile, suite),
      ...findThresholdMistakes(['profiles', profileName, 'thresholds'], profile, suite),
      ...findComparisonMistakes(['profiles', profileName, 'comparisons'], profile, suite),
      ...findMonitorMistakes(['profiles', profileName, 'monitors'], profile, suite),
      ...findAlertMistakes(['profiles', profileName, 'alerts'], profile, suite),
      ...findObjectiveMistakes(['profiles', profileName, 'objectives'], profile, suite),
      ...findRigMistakes(['profiles', profileName], profile),
      ...findFaultMistakes(['profiles', profileName, 'faults'], profile, suite),
    ]),
    ...findDataMistakes(suite),
    ...findChoicesOfRunMistakes(suite),
    ...findCourseMistakes(suite),
    ...findScheduleMistakes(suite),
    ...findRigMistakes([], suite),
    ...findHeadersOfSettings(suite),
    ...findThresholdMistakes(['thresholds'], suite, suite),
    ...findComparisonMistakes(['comparisons'], suite, suite),
    ...findMonitorMistakes(['monitors'], suite, suite),
    ...Object.entries(recordOf(environments)).flatMap(([name, one]) =>
      findMonitorMistakes(['environments', name, 'monitors'], one, suite),
    ),
    ...findAlertMistakes(['alerts'], suite, suite),
    ...findScalingMistakes(suite),
    ...findRecommendationMistakes(suite),
    ...findObjectiveMistakes(['objectives'], suite, suite),
    ...findAnalysisMistakes(suite),
    ...(Array.isArray(requiredEnv) ? findEnvNameMistakes(requiredEnv) : []),
  ];
}

/** What a run without `--profile`, or with `--pattern`, refers to. */
function findChoicesOfRunMistakes(suite: unknown): Mistake[] {
  const { defaultProfile, patterns, users, profiles } = recordOf(suite);
  const userNames = Object.keys(recordOf(users));
  return [
    ...(typeof defaultProfile === 'string' &&
    defaultProfile !== '' &&
    !Object.hasOwn(recordOf(profiles), defaultProfile)
      ? [unknownName(['defaultProfile'], 'a profile', defaultProfile, Object.keys(recordOf(profiles)))]
      : []),
    ...Object.entries(recordOf(patterns)).flatMap(([name, mix]) => [
      ...findNameMistakes(['patterns', name], name),
      ...findReferenceMistakes(['patterns', name], mix, userNames, 'a user of the suite'),
      ...findEmptyUsers(['patterns', name], mix),
    ]),
  ];
}

function findEnvNameMistakes(names: readonly unknown[]): Mistake[] {
  return names.flatMap((name, i) =>
    typeof name === 'string' && /[=\s]/.test(name)
      ? [mistakeAt(['requiredEnv', i], 'the name of an environment variable, such as "API_KEY"', name)]
      : [],
  );
}
