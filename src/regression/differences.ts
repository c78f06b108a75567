// What two runs must have in common before their figures may be compared, and why a run may not be used at all. Called by
// compare-runs.ts.

import {
  describeCourse,
  describeExecutor,
  durationOf,
  fixedIterationsOf,
  isClosed,
  vuIntervals,
} from '../executors/of-plan.ts';
import type { RunConditions } from '../model/baseline.ts';
import type { FeederPlan } from '../model/feeder.ts';
import type { Plan, ScenarioPlan } from '../model/plan.ts';
import type { RunRecord } from '../model/run-record.ts';
import { protocols } from '../protocols/registry.ts';
import { formatDuration } from '../time/duration.ts';

/** What may differ between runs; each can be allowed by name. */
export const differenceKinds = [
  'suite',
  'profile',
  'load',
  'target',
  'environment',
  'settings',
  'machine',
] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

export interface Difference {
  readonly kind: DifferenceKind;
  readonly text: string;
}

/** A run that ended earlier than its plan by more than this share is another load. */
const shortestShare = 0.95;

/** Why the figures of a run say nothing about its target; `undefined` when they do. */
export function unusableReason(record: RunRecord): string | undefined {
  const { plan, generator } = record;
  // A gate that stayed open says nothing about the figures.
  const verdict = record.baseline?.own ?? record.verdict;
  if (plan.scenarios.length === 0) return 'it drove no load';
  if (plan.search !== undefined) return 'it was a capacity search, so it has no single load';
  if (record.refusal !== undefined) return 'it was ended for safety';
  if (record.recovery?.killed === true) return 'its record was rebuilt after it had been killed';
  if (record.interrupted) return 'it was interrupted';
  if (generator.saturated) return 'the load generator was its bottleneck';
  if (verdict.status === 'inconclusive')
    return `its verdict is inconclusive: ${(verdict.reasons[0] ?? '').replace(/\.$/, '')}`;
  const ranMs = record.timeline.at(-1)?.endAtMs ?? 0;
  if (ranMs < plan.durationMs * shortestShare) {
    const ended = record.thresholds?.find(({ aborted }) => aborted);
    if (ended !== undefined) return `the threshold ${ended.expression} on ${ended.series} ended it early`;
    const alert = record.alerts?.find(({ aborted }) => aborted);
    if (alert !== undefined) return `the alert ${alert.name} ended it early`;
  }
  const fixedMs = fixedLengthOf(plan);
  // A record without any figure is told to have none.
  if (Object.keys(record.metrics).length > 0 && ranMs < fixedMs * shortestShare)
    return `it ran for ${formatDuration(ranMs)} of the ${formatDuration(fixedMs)} of its plan`;
  return undefined;
}

/** How long there is load at least by the plan, ms: iterations that are counted are over when they are done. */
function fixedLengthOf({ scenarios }: Plan): number {
  const ends = scenarios.map(({ executor, startAtMs }) => {
    if (fixedIterationsOf(executor) !== undefined) return startAtMs;
    // The first VU is the last to leave, and a run is over when none is to come.
    const last = isClosed(executor) ? vuIntervals(executor, 0).at(-1)?.endAtMs : durationOf(executor);
    return startAtMs + (last ?? 0);
  });
  return Math.max(0, ...ends);
}

/** What the plans and machines of two runs do not have in common, as sentences that name both values. */
export function differencesOf(before: RunConditions, after: RunConditions): Difference[] {
  const differences: Difference[] = [];
  const add = (kind: DifferenceKind, what: string, one: string, two: string): void => {
    if (one !== two) differences.push({ kind, text: `${what}: ${one} before, ${two} after.` });
  };
  add('suite', 'The suites differ', before.suite, after.suite);
  add('profile', 'The profiles differ', before.profile, after.profile);
  differences.push(...loadDifferences(before.plan, after.plan));
  add('target', 'The targets differ', targetOf(before), targetOf(after));
  add('environment', 'The environments differ', before.environment.name, after.environment.name);
  for (const { name: part } of protocols) {
    const [one, two] = [settingsOf(before.plan, part), settingsOf(after.plan, part)];
    for (const name of new Set([...one.keys(), ...two.keys()]))
      add(
        'settings',
        `The ${part} setting ${name} differs`,
        one.get(name) ?? 'none',
        two.get(name) ?? 'none',
      );
  }
  add('machine', 'The machines that drove the load differ', machineOf(before), machineOf(after));
  add('machine', 'The numbers of workers differ', String(before.plan.workers), String(after.plan.workers));
  return differences;
}

/** What differs and may matter, but stops no comparison. */
export function notesOf(before: RunConditions, after: RunConditions): string[] {
  const notes: string[] = [];
  const add = (what: string, one: string, two: string): void => {
    if (one !== two) notes.push(`${what}: ${one} before, ${two} after.`);
  };
  add('The versions of Plimsoll differ', before.environment.plimsoll, after.environment.plimsoll);
  add('The versions of Node.js differ', before.environment.node, after.environment.node);
  for (const [name, one, two] of dataOf(before.plan, after.plan))
    add(`The test data ${name} differ`, one, two);
  add('The addresses of the target differ', before.target.baseUrl ?? 'none', after.target.baseUrl ?? 'none');
  return notes;
}

/** By feeder: what its rows are in either plan; a file by its content. */
function dataOf(before: Plan, after: Plan): [name: string, one: string, two: string][] {
  const [one, two] = [before, after].map(
    ({ data = [] }) => new Map(data.map((feeder) => [feeder.name, describeData(feeder)])),
  ) as [Map<string, string>, Map<string, string>];
  return [...new Set([...one.keys(), ...two.keys()])].map((name) => [
    name,
    one.get(name) ?? 'none',
    two.get(name) ?? 'none',
  ]);
}

function describeData({ source, file, sha256, rows, policy, per }: FeederPlan): string {
  const what = sha256 === undefined ? source : `${file} (${sha256.slice(0, 8)})`;
  return `${rows === null ? 'endless' : rows} rows of ${what}, ${policy} per ${per}`;
}

function loadDifferences(before: Plan, after: Plan): Difference[] {
  const [one, two] = [before, after].map(
    ({ scenarios }) => new Map(scenarios.map((scenario) => [scenario.name, scenario])),
  ) as [Map<string, ScenarioPlan>, Map<string, ScenarioPlan>];
  return [...new Set([...one.keys(), ...two.keys()])].flatMap((name): Difference[] => {
    const [earlier, later] = [one.get(name), two.get(name)];
    if (earlier === undefined || later === undefined) {
      const where = earlier === undefined ? 'after' : 'before';
      return [{ kind: 'load', text: `There is a scenario ${name} only ${where}.` }];
    }
    const [first, second] = [loadText(earlier), loadText(later)];
    if (first !== second)
      return [{ kind: 'load', text: `The load of ${name} differs: ${first} before, ${second} after.` }];
    if (mixOf(earlier) !== mixOf(later))
      return [{ kind: 'load', text: `The users, tasks or think times of ${name} differ.` }];
    if (exactLoad(earlier) !== exactLoad(later))
      return [{ kind: 'load', text: `The executor of ${name} has other options.` }];
    return [];
  });
}

function loadText({ executor, startAtMs }: ScenarioPlan): string {
  const start = startAtMs === 0 ? '' : ` from ${startAtMs / 1000} s on`;
  return [`${executor.kind} ${describeExecutor(executor)}${start}`, ...describeCourse(executor)].join(', ');
}

function mixOf({ users }: ScenarioPlan): string {
  return canonical(users);
}

function exactLoad({ executor, gracefulStopMs, iterationTimeoutMs, startAtMs }: ScenarioPlan): string {
  return canonical({ executor, gracefulStopMs, iterationTimeoutMs, startAtMs });
}

/** On this machine a target may be started on any free port. */
function targetOf({ target }: RunConditions): string {
  if (target.baseUrl === null) return 'none';
  if (!URL.canParse(target.baseUrl)) return target.baseUrl;
  const { protocol, hostname, host, pathname } = new URL(target.baseUrl);
  const isLocal = hostname === 'localhost' || hostname.startsWith('127.') || hostname === '[::1]';
  return `${protocol}//${isLocal ? 'this machine' : host}${pathname}`;
}

/** Of one protocol, without addresses, which say where a server is and not how it is used; empty without settings. */
function settingsOf(plan: object, protocol: string): Map<string, string> {
  const own = (plan as Readonly<Record<string, object | undefined>>)[protocol] ?? {};
  const settings = new Map(Object.entries(own).map(([name, value]) => [name, canonical(value)]));
  settings.delete('url');
  return settings;
}

function machineOf({ environment }: RunConditions): string {
  return `${environment.cpuCount} × ${environment.cpuModel}`;
}

/** JSON with the keys of objects in order, since records may have passed through other tools. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
