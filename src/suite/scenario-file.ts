// Files of scenarios: `scenarios` with users, durations and targets, and `request_patterns` with the chance of each step. A
// suite without code says what the steps do; each scenario becomes one of its profiles. Called by suite.ts.

import type { Mistake } from '../model/errors.ts';
import { listNames, mistakeAt, recordOf, unknownName } from './mistake.ts';
import {
  type FileScenario,
  findScenarioFileMistakes,
  type ScenarioFile,
  type ScenarioTargets,
} from './schema-scenario-file.ts';

/** The suite of a file that names none: the one that the form of these files comes from. */
export const usualSuite = 'velro';

/** A file of scenarios has these, and no users or profiles of its own. */
export function isScenarioFile(value: unknown): boolean {
  const { scenarios, users, profiles } = recordOf(value);
  return scenarios !== undefined && users === undefined && profiles === undefined;
}

/** The users can make this many times the requests that are required. */
const headroom = 1.25;
/** Think times differ from their mean by up to this share. */
const spread = 0.25;
/** Critical levels that go with targets: of rates, of times, of shares of hits (in points) and of errors. */
const critical = { rate: 0.8, time: 4 / 3, hitPoints: 5, errors: 5 };

interface Applied {
  /** The suite with the scenarios as its only profiles. */
  readonly value: unknown;
  /** Of the file. */
  readonly mistakes: readonly Mistake[];
}

/**
 * `suite` as it is written, with the scenarios of `file` as profiles in place of its own. A profile of the same name lends
 * its descriptions, and its thresholds on what the file gives no target for. Objectives stay for the profiles that are left.
 */
export function applyScenarioFile(suite: unknown, file: unknown): Applied {
  const shape = findScenarioFileMistakes(file);
  if (shape.length > 0) return { value: suite, mistakes: shape };
  const { scenarios, request_patterns: patterns } = file as ScenarioFile;
  const base = recordOf(suite);
  const user = userOf(base, Object.keys(patterns ?? {}));
  if ('mistakes' in user) return { value: suite, mistakes: user.mistakes };
  const mistakes = findMissingCacheMetric(scenarios, base);
  if (mistakes.length > 0) return { value: suite, mistakes };
  const chances = patterns ?? user.chances;
  const requests = Object.values(chances).reduce((sum, chance) => sum + chance, 0);
  const profiles = Object.fromEntries(
    Object.entries(scenarios).map(([name, scenario]) => [
      name,
      profileOf(scenario, recordOf(recordOf(base.profiles)[name]), requests, user.name, chances),
    ]),
  );
  const { defaultProfile, objectives, course, ...rest } = base;
  const names = Object.keys(profiles);
  const kept = objectivesFor(objectives, names);
  return {
    value: {
      ...rest,
      profiles,
      ...(typeof defaultProfile === 'string' &&
        Object.hasOwn(profiles, defaultProfile) && { defaultProfile }),
      ...(kept !== undefined && { objectives: kept }),
      ...(course !== undefined && { course: courseFor(course, names) }),
    },
    mistakes: [],
  };
}

type Chances = Readonly<Record<string, number>>;

/** The user whose flow has the steps, and how likely each is there; the first with a flow where no step is named. */
function userOf(
  base: Readonly<Record<string, unknown>>,
  steps: readonly string[],
): { readonly name: string; readonly chances: Chances } | { readonly mistakes: readonly Mistake[] } {
  const flows = Object.entries(recordOf(base.users)).flatMap(([name, user]) => {
    const { flow } = recordOf(user);
    return flow === undefined ? [] : [{ name, flow: recordOf(flow) }];
  });
  const found = flows.find(({ flow }) => steps.every((step) => Object.hasOwn(flow, step)));
  if (found !== undefined) {
    const chances = Object.entries(found.flow).map(([step, definition]) => {
      const { probability } = recordOf(definition);
      return [step, typeof probability === 'number' ? probability : 1] as const;
    });
    return { name: found.name, chances: Object.fromEntries(chances) };
  }
  const known = [...new Set(flows.flatMap(({ flow }) => Object.keys(flow)))];
  const unknown = steps.filter((step) => !known.includes(step));
  const expected = `a step of the suite ${String(base.name)}`;
  const mistakes = unknown.map((step) => unknownName(['request_patterns', step], expected, step, known));
  if (mistakes.length > 0) return { mistakes };
  const together = `steps of one user of the suite ${String(base.name)}, in a flow`;
  return { mistakes: [mistakeAt(['request_patterns'], together, listNames(steps))] };
}

function findMissingCacheMetric(
  scenarios: ScenarioFile['scenarios'],
  base: Readonly<Record<string, unknown>>,
): Mistake[] {
  if (recordOf(recordOf(base.metrics).cache_hits).type === 'rate') return [];
  return Object.entries(scenarios).flatMap(([name, { targets = {} }]) => {
    if (targets.cache_hit_rate === undefined) return [];
    const expected = `no cache_hit_rate, since the suite ${String(base.name)} has no rate cache_hits`;
    return [mistakeAt(['scenarios', name, 'targets', 'cache_hit_rate'], expected, targets.cache_hit_rate)];
  });
}

/** What a profile of the suite lends to a scenario of the same name: all but its load. */
const lent = [
  ...[
    'description',
    'whenToRun',
    'markers',
    'thresholds',
    'comparisons',
    'monitors',
    'alerts',
    'objectives',
    'tags',
  ],
  ...['http', 'gracefulStop', 'iterationTimeout'],
];

function profileOf(
  scenario: FileScenario,
  like: Readonly<Record<string, unknown>>,
  requestsPerIteration: number,
  user: string,
  chances: Chances,
): unknown {
  const { concurrent_users: vus, test_duration_seconds: seconds, targets = {}, description } = scenario;
  const own = Object.fromEntries(Object.entries(like).filter(([key]) => lent.includes(key)));
  const perSec = targets.requests_per_second;
  const thinkMs =
    perSec === undefined ? undefined : (1000 * vus * requestsPerIteration) / (headroom * perSec);
  const thresholds = { ...recordOf(own.thresholds), ...thresholdsOf(targets) };
  return {
    ...own,
    ...(description !== undefined && { description }),
    executor: 'constant-vus',
    vus,
    duration: seconds * 1000,
    ...(thinkMs !== undefined && {
      rampUp: Math.round(thinkMs),
      thinkTime: [Math.round(thinkMs * (1 - spread)), Math.round(thinkMs * (1 + spread))],
    }),
    users: [user],
    tasks: { [user]: chances },
    ...(Object.keys(thresholds).length > 0 && { thresholds }),
  };
}

interface Levels {
  readonly target: string;
  readonly critical: string;
}

/** Each target with the critical level that goes with it. */
function thresholdsOf(targets: ScenarioTargets): Readonly<Record<string, readonly Levels[]>> {
  const levels = (of: (value: number) => string, target: number | undefined, least: number): Levels[] =>
    target === undefined ? [] : [{ target: of(target), critical: of(Number(least.toPrecision(12))) }];
  const { requests_per_second: perSec, cache_hit_rate: hits, error_rate: errors } = targets;
  const times = (['p50', 'p95', 'p99'] as const).flatMap((name) => {
    const ms = targets[`${name}_response_time_ms`];
    return levels((value) => `p(${name.slice(1)})<${value}`, ms, Math.floor((ms ?? 0) * critical.time));
  });
  const all = {
    http_reqs: levels((value) => `rate>=${value}`, perSec, (perSec ?? 0) * critical.rate),
    http_req_duration: times,
    cache_hits: levels((value) => `rate>=${value}%`, hits, Math.max(0, (hits ?? 0) - critical.hitPoints)),
    http_req_failed: levels(
      (value) => `rate<${value}%`,
      errors,
      Math.min(100, (errors ?? 0) * critical.errors),
    ),
  };
  return Object.fromEntries(Object.entries(all).filter(([, ofSeries]) => ofSeries.length > 0));
}

/** Those that some of the profiles judge; `undefined` for a suite without. */
function objectivesFor(objectives: unknown, profiles: readonly string[]): unknown {
  if (objectives === undefined) return undefined;
  const kept = Object.entries(recordOf(objectives)).flatMap(([name, objective]): [string, unknown][] => {
    const { profiles: own } = recordOf(objective);
    if (!Array.isArray(own)) return [[name, objective]];
    const left = own.filter((profile) => profiles.includes(String(profile)));
    return left.length === 0 ? [] : [[name, { ...recordOf(objective), profiles: left }]];
  });
  return Object.fromEntries(kept);
}

/** The order and the gates as far as they are among the profiles. */
function courseFor(course: unknown, profiles: readonly string[]): unknown {
  const kept = Object.entries(recordOf(course)).map(([key, names]): [string, unknown] => [
    key,
    Array.isArray(names) ? names.filter((name) => profiles.includes(String(name))) : names,
  ]);
  return Object.fromEntries(kept);
}
