// Rules of tags in selectors: values that no sample can ever have select nothing, and what sees nothing must not look as
// if it held. Called for thresholds, alerts and comparisons.

import type { Mistake } from '../model/errors.ts';
import { otherValues, type Tags } from '../model/metric.ts';
import { protocolOf, protocols } from '../protocols/registry.ts';
import { nearestName } from '../text/nearest-name.ts';
import { knownValues } from './declared-values.ts';
import { listNames, mistakeAt, type Path, recordOf } from './mistake.ts';
import { canOccur, type Place, placesOf, placesOfAllProfiles, tasksFor } from './places.ts';

/** Metrics of the whole run, and of the generator: none of their samples has a tag. */
const withoutTags: ReadonlySet<string> = new Set([
  ...['vus', 'vus_max', 'recovery_time', 'spike_recovery_time', 'goodput_kept'],
  ...['generator_event_loop_delay', 'generator_gc_pause', 'generator_cpu', 'generator_memory'],
]);

/** Metrics of whole iterations, with the tags that say where they belong; beside these they have those of the suite. */
const tagsOfIterations: Readonly<Record<string, readonly string[]>> = {
  iterations: ['scenario', 'user', 'task'],
  iterations_failed: ['scenario', 'user', 'task'],
  iteration_duration: ['scenario', 'user', 'task'],
  dropped_iterations: ['scenario', 'user'],
  generator_schedule_lag: ['scenario'],
};

/** Tags that the client gives to each operation, and no iteration has. */
const tagsOfOperations: ReadonlySet<string> = new Set([
  ...['task', 'user', 'group', 'check'],
  ...protocols.flatMap(({ tags }) => Object.keys(tags)),
]);

/**
 * A mistake for each tag of a selector that no sample of the metric can have; `holder` is a profile or the suite itself.
 * A limit of the suite may be on what only some profiles do.
 */
export function findTagMistakes(
  path: Path,
  { metric, tags }: { readonly metric: string; readonly tags: Tags },
  holder: unknown,
  suite: unknown,
): Mistake[] {
  if (Object.keys(tags).length === 0) return [];
  if (withoutTags.has(metric)) {
    return [
      mistakeAt(
        path,
        `a selector without tags: ${metric} is measured for the whole run only`,
        Object.keys(tags).join(', '),
      ),
    ];
  }
  const places = holder === suite ? placesOfAllProfiles(suite) : placesOf(suite, holder);
  const declared = knownValues(suite, holder, metric);
  const mistakes = Object.entries(tags).flatMap(([name, value]) => {
    if (value === otherValues) return [];
    const found = `${name}:${value}`;
    const own = declared.get(name);
    if (own?.has(value)) return [];
    if (name === 'fault' && own === undefined) return findFaultTagMistakes(path, value, holder, suite);
    const allowed = Object.hasOwn(tagsOfIterations, metric) ? tagsOfIterations[metric] : undefined;
    if (allowed !== undefined && own === undefined && !allowed.includes(name) && tagsOfOperations.has(name)) {
      const expected = `a tag of ${metric}: ${listNames(allowed)}, or a tag of the suite`;
      return [mistakeAt(path, expected, found)];
    }
    const { values = [], form } = protocolOf(metric)?.tags[name] ?? {};
    if (values.length > 0 || form !== undefined) {
      if (form?.fits(value) ?? values.includes(value)) return [];
      const expected = `${name} to be ${form?.expected ?? listNames(values)}`;
      return [mistakeAt(path, expected, found, nearestName(value, values))];
    }
    const names = namesOfPlaces(name, metric, places) ?? (own === undefined ? undefined : [...own]);
    if (names === undefined || names.includes(value)) return [];
    return [mistakeAt(path, expectedName(name, names, holder === suite), found, nearestName(value, names))];
  });
  if (mistakes.length > 0 || places.length === 0 || !isOfPlaces(tags, declared)) return mistakes;
  if (canOccur(metric, tags, places)) return [];
  return [mistakeAt(path, togetherText(metric), placeText(tags))];
}

/** The time of a fault of the profile, or the times without: a fault is a time, and no tag of samples. */
function findFaultTagMistakes(path: Path, value: string, holder: unknown, suite: unknown): Mistake[] {
  if (value === 'none') return [];
  if (holder === suite) {
    const expected = 'fault to be none: a fault is of one profile, so its thresholds are, too';
    return [mistakeAt(path, expected, `fault:${value}`)];
  }
  const names = Object.keys(recordOf(recordOf(holder).faults));
  if (names.includes(value)) return [];
  const expected = `fault to be a fault of the profile, or none: ${listNames([...names, 'none'])}`;
  return [mistakeAt(path, expected, `fault:${value}`, nearestName(value, names))];
}

/** Names of scenarios, users and tasks can be given to samples by tags of the suite, too; those are not judged by places. */
function isOfPlaces(tags: Tags, declared: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  return !['scenario', 'user', 'task'].some(
    (name) => tags[name] === otherValues || declared.get(name)?.has(tags[name] ?? ''),
  );
}

/** The values that a tag of place has at these places; `undefined` for other tags. */
function namesOfPlaces(name: string, metric: string, places: readonly Place[]): string[] | undefined {
  // A suite without users or profiles has a mistake of its own.
  if (places.length === 0) return undefined;
  switch (name) {
    case 'scenario':
      return [...new Set(places.flatMap(({ scenario }) => scenario ?? []))];
    case 'user':
      return [...new Set(places.map(({ user }) => user))];
    case 'task':
      return [...new Set(places.flatMap((place) => tasksFor(metric, place)))];
    default:
      return undefined;
  }
}

function expectedName(name: string, names: readonly string[], ofSuite: boolean): string {
  switch (name) {
    case 'scenario':
      return `a scenario or phase of ${ofSuite ? 'a' : 'this'} profile: ${listNames(names)}`;
    case 'user':
      return ofSuite
        ? `a user of the suite: ${listNames(names)}`
        : `a user of this profile: ${listNames(names)}`;
    case 'task':
      return ofSuite
        ? `a task or step of the suite: ${listNames(names)}`
        : `a task or step that this profile runs: ${listNames(names)}`;
    default:
      return `a value of ${name} that occurs: ${listNames(names)}`;
  }
}

function togetherText(metric: string): string {
  if (metric === 'dropped_iterations') {
    return 'a user whose iterations are dropped by user; those of arrival rates are by scenario alone';
  }
  return 'a scenario, user and task that belong together';
}

function placeText(tags: Tags): string {
  const named = ['scenario', 'user', 'task'].filter((name) => tags[name] !== undefined);
  return named.map((name) => `${name}:${tags[name]}`).join(', ');
}
