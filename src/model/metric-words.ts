// What a metric's figure is called in sentences: `95th percentile response time of task login`. Verdicts, findings,
// alerts, reports and the live display all ask here; tables have the metric's own name beside it.

import { metricFacts, type ProtocolMetric, protocols } from '../protocols/registry.ts';
import type { Aggregation } from './aggregation.ts';
import type { BuiltInMetric, MetricType, Tags } from './metric.ts';
import { monitorMetric } from './monitor.ts';
import type { MonitorPlan } from './monitor-settings.ts';

/** What is said of one figure. */
interface FigureSubject {
  readonly metric: string;
  readonly type: MetricType;
  readonly tags: Tags;
  readonly aggregation: Aggregation;
}

/**
 * Trends and gauges by what they measure, rates by what they are the share of, counters by what they count. In lower
 * case, save for names. Those of protocols are in their facts.
 */
const ownWords: Readonly<Record<Exclude<BuiltInMetric, ProtocolMetric>, string>> = {
  iterations: 'iterations',
  iteration_duration: 'iteration time',
  iterations_failed: 'failed iterations',
  dropped_iterations: 'dropped iterations',
  group_duration: 'group time',
  recovery_time: 'recovery time',
  spike_recovery_time: 'recovery time after a spike',
  goodput_kept: 'share of the greatest goodput kept at the highest load',
  vus: 'virtual users at work',
  vus_max: 'virtual users there',
  checks: 'checks passed',
  data_sent: 'data sent',
  data_received: 'data received',
  generator_schedule_lag: "the generator's schedule lag",
  generator_event_loop_delay: "the generator's event loop delay",
  generator_cpu: "the generator's CPU share",
  generator_gc_pause: "the generator's garbage collection pauses",
  generator_memory: "the generator's memory",
};

const own: ReadonlyMap<string, string> = new Map(Object.entries(ownWords));

/** `Median response time of task login`, the subject of a sentence. */
export function figureWords(
  { metric, type, tags, aggregation }: FigureSubject,
  monitors: readonly Pick<MonitorPlan, 'name' | 'title' | 'figures'>[] = [],
): string {
  const { check, ...places } = tags;
  const isOneCheck = metric === 'checks' && check !== undefined;
  const what = isOneCheck ? { noun: `check "${check}" passed`, of: '' } : nounOf(metric, monitors);
  const text = `${aggregationWords(aggregation, type, what.noun)}${what.of}`;
  // Own names of custom metrics stay as they are written.
  const named =
    'isOwnName' in what && text.startsWith(metric) ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  const where = tagWords(isOneCheck ? places : tags);
  return where === '' ? named : `${named} ${where}`;
}

function nounOf(
  metric: string,
  monitors: readonly Pick<MonitorPlan, 'name' | 'title' | 'figures'>[],
): { noun: string; of: string; isOwnName?: true } {
  const known = metricFacts(metric)?.words ?? own.get(metric);
  if (known !== undefined) return { noun: known, of: '' };
  for (const { name, title, figures } of monitors) {
    const prefix = monitorMetric(name, '');
    const figure = metric.startsWith(prefix) ? metric.slice(prefix.length) : undefined;
    if (figure !== undefined && Object.hasOwn(figures, figure)) {
      return { noun: figures[figure]!.title, of: ` of ${title}` };
    }
  }
  return { noun: metric, of: '', isOwnName: true };
}

function aggregationWords(aggregation: Aggregation, type: MetricType, noun: string): string {
  const bare = noun.replace(/^the generator's /, '');
  const whose = bare === noun ? '' : "the generator's ";
  const before = (word: string): string => `${whose}${word} ${bare}`;
  switch (aggregation.kind) {
    case 'percentile':
      return aggregation.p === 50 ? before('median') : before(`${ordinal(aggregation.p)} percentile`);
    case 'avg':
      return before('average');
    case 'med':
      return before('median');
    case 'min':
      return before('least');
    case 'max':
      return before('greatest');
    case 'last':
      return before('last');
    case 'growth':
      return `growth of ${noun}`;
    case 'share_above':
      return `share of readings of ${noun} above ${aggregation.value}`;
    case 'count':
      return type === 'counter' ? noun : `number of samples of ${noun}`;
    case 'value':
    case 'rate':
      return noun;
  }
}

/** `95th`, `99.9th`, `1st`, `12th` */
function ordinal(p: number): string {
  const last = /(\d)$/.exec(String(p))?.[1];
  const isTeen = Number.isInteger(p) && p % 100 >= 11 && p % 100 <= 13;
  if (isTeen || !Number.isInteger(p)) return `${p}th`;
  return `${p}${last === '1' ? 'st' : last === '2' ? 'nd' : last === '3' ? 'rd' : 'th'}`;
}

/** Tags of places; protocols have others. */
const placeNouns: readonly (readonly [string, string])[] = [
  'task',
  'user',
  'scenario',
  'stage',
  'group',
  'check',
].map((name) => [name, name]);
const tagNouns: ReadonlyMap<string, string> = new Map([
  ...placeNouns,
  ...protocols.flatMap(({ tags }) =>
    Object.entries(tags).flatMap(([name, { noun }]) => (noun === undefined ? [] : [[name, noun] as const])),
  ),
]);

/** `of task login with status 500`; the request's own name stands without a noun. */
function tagWords(tags: Tags): string {
  const names = Object.keys(tags).sort((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
  return names
    .map((name) => {
      const value = tags[name]!;
      if (name === 'name') return `of ${tags.method === undefined ? '' : `${tags.method} `}${value}`;
      if (name === 'method' && tags.name !== undefined) return '';
      if (name === 'fault') return value === 'none' ? 'outside faults' : `during the fault ${value}`;
      if (name === 'status') return `with status ${value}`;
      const noun = tagNouns.get(name);
      return noun === undefined ? `with ${name} ${value}` : `of ${noun} ${value}`;
    })
    .filter((text) => text !== '')
    .join(' ');
}

/** From the narrow to the wide: the request, its task, its user, its scenario; then what else there is. */
const tagOrder = [
  ...['name', 'check', 'group'],
  ...[...tagNouns.keys()].filter(
    (name) => name !== 'method' && !placeNouns.some(([place]) => place === name),
  ),
  ...['stage', 'task', 'user', 'scenario', 'fault'],
];

function rankOf(name: string): number {
  const rank = tagOrder.indexOf(name);
  return rank === -1 ? tagOrder.length : rank;
}
