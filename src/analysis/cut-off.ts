// What work that was cut off says about a run: sentences for the verdict, and a finding. The rules are in
// docs/how-it-measures.md, "What was cut off at the end".

import { isBesideLoad } from '../metrics/carries.ts';
import type { BuiltInMetric } from '../model/metric.ts';
import type { CutOffWork, Measurements } from '../model/run-record.ts';
import type { Evidence, Finding } from '../model/verdict.ts';
import { metricFacts, protocols } from '../protocols/registry.ts';
import { formatCount, formatFigure, formatMs } from '../text/format-figure.ts';
import { countOf, loadDurationMs, valueAt } from './measured.ts';

/** Above this share of overdue work the planned load was not answered, and the run answers nothing. */
const overdueShareLimit = 0.01;
/** Above this share of the time of virtual users, spent in iterations that never ended, it stood still for too long. */
const lostTimeLimit = 0.01;
/** From this share of the virtual users on that hang at the end, for so long, the target has stopped. */
const hangingShare = 0.5;
const hangingMs = 1000;

/** Above this share of the virtual users that hung in their `onStart`, the planned load was not there. */
const hangingStartsLimit = 0.01;

/** What a piece of work of a metric is called; `s` makes several. */
export function nounOf(metric: string): string {
  const known = metricFacts(metric)?.noun;
  if (known !== undefined) return known;
  if (metric.startsWith('iteration')) return 'iteration';
  if (metric === 'checks') return 'check';
  return metric === 'group_duration' ? 'group' : 'sample';
}

/** `30 s to 47 s`; one time where both are shown alike. */
export function waitText({ least, most }: { readonly least: number; readonly most: number }): string {
  const [from, to] = [formatMs(least), formatMs(most)];
  const isOne = formatMs(Number(least.toPrecision(3))) === formatMs(Number(most.toPrecision(3)));
  return isOne ? from : `${from} to ${to}`;
}

/** All overdue work of a metric. */
interface Overdue {
  readonly metric: string;
  readonly count: number;
  readonly completed: number;
  readonly least: number;
  readonly most: number;
}

/** Groups and sessions consist of the others, and would tell the same twice. */
const judgedMetrics: readonly string[] = [
  ...protocols.flatMap(({ judgedWhenCut }) => judgedWhenCut),
  'iteration_duration',
];

/** Who listens may wait for nothing and be well; half of all users do not. */
const listeningMetrics = protocols.flatMap(({ listening = [] }) => listening);

function isListening(metric: string): boolean {
  return listeningMetrics.includes(metric);
}

function overdueIn(measured: Measurements): Overdue[] {
  return judgedMetrics.flatMap((metric): Overdue[] => {
    const own = overdueWork(measured, metric);
    if (own.length === 0) return [];
    return [
      {
        metric,
        count: own.reduce((sum, { overdue }) => sum + overdue, 0),
        completed: countOf(measured, metric as BuiltInMetric),
        least: Math.min(...own.map(({ overdueMs }) => overdueMs.least)),
        most: Math.max(...own.map(({ overdueMs }) => overdueMs.most)),
      },
    ];
  });
}

type OverdueWork = CutOffWork & Required<Pick<CutOffWork, 'overdueMs'>>;

/** Of users whose `onStart` hung: nothing of what they should have done began. */
export function isOfStart({ metric, tags }: Pick<CutOffWork, 'metric' | 'tags'>): boolean {
  return metric === 'iteration_duration' && tags.task === 'onStart';
}

/** What `setup` and `teardown` left undone is none of the load. */
function overdueWork({ cutOff = [] }: Measurements, metric: string): OverdueWork[] {
  const isOverdue = (one: CutOffWork): one is OverdueWork => one.overdueMs !== undefined;
  return cutOff
    .filter((one) => one.metric === metric && !isBesideLoad(one.tags) && !isOfStart(one))
    .filter(isOverdue);
}

/** Somebody or something ended the run: that work was cut off then says nothing of the target. */
function wasEnded(measured: Measurements): boolean {
  return (
    measured.interrupted ||
    measured.recovery !== undefined ||
    measured.refusal !== undefined ||
    (measured.alerts ?? []).some(({ aborted }) => aborted) ||
    Object.values(measured.metrics).some(({ thresholds = {} }) =>
      Object.values(thresholds).some(({ aborted }) => aborted),
    )
  );
}

/** Why a run in which much was cut off proves nothing, one sentence each; the steps of a search are meant to end so. */
export function cutOffReasons(measured: Measurements): string[] {
  if (measured.plan.search !== undefined || wasEnded(measured)) return [];
  const all = overdueIn(measured);
  const many = all.filter(({ count, completed }) => count > overdueShareLimit * (count + completed));
  const told = many.length > 1 ? many.filter(({ metric }) => metric !== 'iteration_duration') : many;
  const reasons = told.map(shareSentence);
  const stopped = reasons.length > 0 ? undefined : stopSentence(measured);
  return [...reasons, stopped, startSentence(measured)].filter((one) => one !== undefined);
}

/** Users that hung in `onStart`, of whose requests nothing tells. */
function startSentence(measured: Measurements): string | undefined {
  const hung = (measured.cutOff ?? []).filter(isOfStart);
  const count = hung.reduce((sum, one) => sum + one.count, 0);
  const users = Math.max(count, mostUsers(measured));
  if (count === 0 || count <= hangingStartsLimit * users) return undefined;
  const least = Math.min(...hung.map(({ waitedMs }) => waitedMs.least));
  const most = Math.max(...hung.map(({ waitedMs }) => waitedMs.most));
  const whose = count === 1 ? 'its' : 'their';
  return `${formatFigure(count, 'count')} of ${formatCount(users, 'virtual user')} never finished ${whose} onStart: the end of the run cut it off after ${waitText({ least, most })}.`;
}

function mostUsers({ metrics }: Measurements): number {
  return metrics.vus === undefined ? 0 : (valueAt(metrics.vus.values, 'max') ?? 0);
}

function shareSentence(overdue: Overdue): string {
  const { metric, count, completed } = overdue;
  const all = count + completed;
  const what = `${formatFigure(count, 'count')} of ${formatCount(all, nounOf(metric))} (${formatFigure(count / all, 'ratio')})`;
  const end = metric === 'iteration_duration' ? 'did not finish' : 'got no answer';
  return `${what} ${end}: the end of the run cut ${count === 1 ? 'it' : 'them'} off after ${waitText(overdue)}.`;
}

/** Where few users wait for answers, few requests are cut off, however long the target has stood still. */
function stopSentence(measured: Measurements): string | undefined {
  const users = mostUsers(measured);
  if (users === 0) return undefined;
  const userTimeMs = users * Math.max(1, loadDurationMs(measured));
  const stops = [...judgedMetrics, ...listeningMetrics].flatMap((metric) => {
    const own = overdueWork(measured, metric).filter(({ due }) => !due);
    const lost = own.reduce((sum, { overdueMs }) => sum + overdueMs.sum, 0) / userTimeMs;
    const hanging = own.reduce((sum, one) => sum + (one.overdueMs.med >= hangingMs ? one.overdue : 0), 0);
    return (lost > lostTimeLimit && !isListening(metric)) || hanging >= hangingShare * users
      ? [{ metric, own, lost }]
      : [];
  });
  // Iterations hang in what they wait for, which is told where it is known.
  const rank = ({ metric }: { readonly metric: string }): number => (metric === 'iteration_duration' ? 1 : 0);
  const [worst] = stops.sort((a, b) => rank(a) - rank(b) || b.lost - a.lost);
  if (worst === undefined) return undefined;
  const count = worst.own.reduce((sum, { overdue }) => sum + overdue, 0);
  const least = Math.min(...worst.own.map(({ overdueMs }) => overdueMs.least));
  const most = Math.max(...worst.own.map(({ overdueMs }) => overdueMs.most));
  const share = formatFigure(Math.min(1, worst.lost), 'ratio');
  const what = `${formatCount(count, nounOf(worst.metric))} had been`;
  const how =
    worst.metric === 'iteration_duration'
      ? 'running without an end'
      : isListening(worst.metric)
        ? 'waiting for a first message'
        : 'waiting without an answer';
  const all = users === 1 ? 'the 1 virtual user' : `all ${formatCount(users, 'virtual user')}`;
  return `When the run ended, ${what} ${how} for ${waitText({ least, most })}: ${share} of the time of ${all}.`;
}

/** One finding on all that was overdue; none for what every run cuts off at its end. */
export function findCutOff(measured: Measurements): Finding[] {
  if (measured.plan.search !== undefined) return [];
  const all = overdueIn(measured);
  if (all.length === 0) return [];
  const reasons = cutOffReasons(measured);
  const isOpen = (measured.thresholds ?? []).some(({ undecided }) => undecided === true);
  const evidence = all.flatMap(({ metric, count, most }): Evidence[] => [
    { name: `${nounOf(metric)}s cut off overdue`, value: count, unit: 'count' },
    { name: `longest wait of these ${nounOf(metric)}s`, value: most, unit: 'ms' },
  ]);
  return [
    {
      kind: 'cut-off',
      severity: reasons.length > 0 || isOpen ? 'critical' : 'warning',
      title: 'Work was cut off that had waited for longer than usual',
      detail: all.map(shareSentence).join(' '),
      evidence,
      advice:
        'Check whether the target still answered at the end. With a gracefulStop longer than the timeout of requests, requests that hang fail and are judged.',
    },
  ];
}
