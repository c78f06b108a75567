// Which values of a tag a suite declares, where it declares all of them: by `tags` of suite, profile and scenarios, and by
// requests, checks and tags written as data. User code may add any, so with code only the former are known. For
// rules-tags.ts.

import { recordOf } from './mistake.ts';
import { scenariosOf } from './places.ts';

type Values = Map<string, Set<string>>;
type Raw = Readonly<Record<string, unknown>>;

/** Of iterations as a whole: user code gives them no tags. */
const ofIterations: ReadonlySet<string> = new Set([
  ...[
    'iterations',
    'iterations_failed',
    'iteration_duration',
    'dropped_iterations',
    'generator_schedule_lag',
  ],
]);

/**
 * By name of a tag, every value that samples of a metric can have under `holder`, a profile or the suite itself. Tags
 * whose values are not all known are left out; those that nothing declares are left out, too, as `--tag` may.
 */
export function knownValues(
  suite: unknown,
  holder: unknown,
  metric: string,
): ReadonlyMap<string, ReadonlySet<string>> {
  const values: Values = new Map();
  const profiles = holder === suite ? Object.values(recordOf(recordOf(suite).profiles)) : [holder];
  addTags(values, recordOf(suite).tags);
  for (const profile of profiles) {
    addTags(values, recordOf(profile).tags);
    for (const { scenario } of scenariosOf(profile)) addTags(values, scenario.tags);
  }
  if (ofIterations.has(metric)) return values;
  const requests = requestsWithoutCode(suite);
  // What code records has any tag with any value: only what is declared can be told.
  if (requests === undefined) return new Map();
  for (const request of requests) addTags(values, request.tags);
  if (requests.some(({ tags }) => Object.values(recordOf(tags)).some(isTemplate))) return new Map();
  addChecks(values, requests);
  addNames(values, requests);
  if (!values.has('group')) values.set('group', new Set());
  return values;
}

function addTags(values: Values, tags: unknown): void {
  for (const [name, value] of Object.entries(recordOf(tags))) add(values, name, value);
}

function add(values: Values, name: string, value: unknown): void {
  const known = values.get(name) ?? new Set();
  known.add(String(value));
  values.set(name, known);
}

function addChecks(values: Values, requests: readonly Raw[]): void {
  if (!values.has('check')) values.set('check', new Set());
  for (const { checks } of requests)
    for (const name of Object.keys(recordOf(checks))) add(values, 'check', name);
}

/** Requests without a name are called by the template of their path, which is made while the run goes on. */
function addNames(values: Values, requests: readonly Raw[]): void {
  if (requests.some(({ name }) => typeof name !== 'string' || isTemplate(name))) return;
  for (const { name } of requests) add(values, 'name', name);
}

/** All requests of a suite without any code; `undefined` when it has some. */
function requestsWithoutCode(suite: unknown): Raw[] | undefined {
  const { users, setup, teardown } = recordOf(suite);
  if (setup !== undefined || teardown !== undefined) return undefined;
  const requests: Raw[] = [];
  for (const user of Object.values(recordOf(users))) {
    const { tasks, flow, onStart, onStop, thinkTime } = recordOf(user);
    if (typeof thinkTime === 'function') return undefined;
    const hooks = [onStart, onStop].filter((hook) => hook !== undefined);
    for (const action of [...Object.values(recordOf(flow ?? tasks)), ...hooks]) {
      const own = recordOf(action).requests;
      if (!Array.isArray(own)) return undefined;
      requests.push(...own.map(recordOf));
    }
  }
  return requests.length === 0 ? undefined : requests;
}

function isTemplate(value: unknown): boolean {
  return typeof value === 'string' && value.includes('${');
}
