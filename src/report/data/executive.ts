// executive-summary.json: the result for people who decide, and for dashboards that show one line per system.

import { nounOf } from '../../analysis/cut-off.ts';
import { operationCosts } from '../../analysis/slowest-operations.ts';
import type { AlertRecord } from '../../model/alert.ts';
import { assertNever } from '../../model/errors.ts';
import type { CounterValues, SampledValues } from '../../model/metric.ts';
import { monitorMetric } from '../../model/monitor.ts';
import type { MetricEntry, RunRecord } from '../../model/run-record.ts';
import { formatLimit, formatPercent, formatPerSec } from '../format-values.ts';
import { bottlenecksOf } from '../view/bottlenecks.ts';
import { unitOfCourse, watchedMonitors, watchedRows } from '../view/monitors.ts';
import { type KeyFigures, keyFigures, trendOf } from '../view/record-figures.ts';
import { stepRows } from '../view/search.ts';
import { type SentRow, sentRows, targetOf } from '../view/sent.ts';
import { actualText, operatorOf, thresholdRows } from '../view/threshold-rows.ts';
import { complianceFigures } from './executive-compliance.ts';

/** As many as the longest list of the source documents has. */
const slowestShown = 20;

export function renderExecutive(record: RunRecord): string {
  const figures = keyFigures(record);
  const rows = thresholdRows(record);
  const summary = {
    suite: record.suite,
    profile: record.profile,
    purpose: record.plan.description,
    environment: record.environment.name,
    target: targetOf(record),
    runId: record.id,
    startedAt: record.startedAt,
    endedAt: record.endedAt,
    durationSeconds: figures.durationMs / 1000,
    status: record.verdict.status,
    interrupted: record.interrupted,
    ...(record.plan.compressed !== undefined && { compressed: record.plan.compressed }),
    headline: headline(record),
    reasons: record.verdict.reasons,
    keyFigures: figureList(record, figures),
    limits: rows.map((row) => ({
      id: row.id,
      metric: row.series,
      threshold: row.expression,
      level: row.level,
      ok: row.ok,
      close: row.close,
      actual: row.actual,
      limit: row.limit,
      unit: row.unit,
      ...(row.undecided === true && { undecided: true }),
      ...(row.bounds !== undefined && { bounds: row.bounds, cutOff: row.cut }),
      text: `${actualText(row, 'no sample')}, limit ${operatorOf(row.expression)} ${formatLimit(row.limit, row.unit)}`,
    })),
    ...(record.plan.search !== undefined && {
      capacity: stepRows(record).map(({ load, state, duration, objectives }) => ({
        load,
        unit: record.plan.search!.unit,
        state,
        p95Ms: rounded(duration['p(95)']),
        objectives: objectives.map((one) => ({ ...one })),
      })),
    }),
    ...(record.alerts !== undefined && { alerts: record.alerts.map(alertFigures) }),
    ...watchedFigures(record),
    ...complianceFigures(record.compliance),
    limitsHeld: rows.filter(({ ok }) => ok).length,
    limitsTotal: rows.length,
    slowestOperations: operationCosts(record)
      .slice(0, slowestShown)
      .map(({ name, noun, user, task, count, failed, share, times }) => ({
        ...{ name, kind: noun, user, task, count, failed, shareOfTime: rounded(share) },
        ...{ p50Ms: rounded(times.med), p95Ms: rounded(times['p(95)']), maxMs: rounded(times.max) },
      })),
    bottlenecks: bottlenecksOf(record).map(({ rank, rule, severity, title, advice, evidence }) => ({
      rank: rank ?? null,
      rule: rule ?? null,
      ...{ severity, title, evidence, ...(advice !== undefined && { advice }) },
    })),
    findings: record.findings.map(({ kind, severity, title }) => ({ kind, severity, title })),
    ...(record.recommendations !== undefined && { recommendations: record.recommendations }),
    nextSteps: nextSteps(record),
  };
  return `${JSON.stringify(summary, null, 2)}\n`;
}

/** The highest level that an alert had; `null` when it never fired. */
function alertFigures({ name, title, episodes, episodeCount, aborted }: AlertRecord) {
  const level = episodes.some((one) => one.level === 'critical') ? 'critical' : (episodes[0]?.level ?? null);
  return { name, title, level, fired: episodeCount, endedTheRun: aborted };
}

const watchedPerMonitor = 3;

/** The first headline figures of each monitor; no field for a run in which nothing was watched. */
function watchedFigures(record: RunRecord) {
  const watched = watchedMonitors(record).flatMap(([name, monitor]) =>
    watchedRows(record, name, monitor, 'headlines')
      .slice(0, watchedPerMonitor)
      .map(({ title, figure, definition, cells: [average, , most] }) => ({
        metric: monitorMetric(name, figure),
        name: `${title}: ${definition.title}`,
        average: rounded(averageOf(record.metrics[monitorMetric(name, figure)])),
        unit: unitOfCourse(definition),
        text: `${average} on average, ${most} at most`,
      })),
  );
  return watched.length === 0 ? {} : { watched };
}

/** Of a gauge's readings, or of a counter per second. */
function averageOf(entry: MetricEntry | undefined): number {
  const { avg, rate } = (entry?.values ?? {}) as Partial<SampledValues & CounterValues>;
  return avg ?? rate ?? 0;
}

function headline(record: RunRecord): string {
  const what = `${record.suite} / ${record.profile}`;
  const loads = sentRows(record).map(({ perSec, nouns, failedRatio }) => {
    const rate = formatPerSec(perSec).replace('/s', ` ${nouns}/s`);
    return `${rate} with ${formatPercent(failedRatio)} failed`;
  });
  const load = loads.join(' and ');
  switch (record.verdict.status) {
    case 'pass':
      return `${what} met all its limits at ${load}.`;
    case 'warn':
      return `${what} passed with warnings at ${load}.`;
    case 'fail':
      return `${what} failed: ${record.verdict.reasons[0] ?? 'a limit was broken'}`;
    case 'inconclusive':
      return `${what} proves nothing either way: ${record.verdict.reasons[0] ?? 'the run was not usable'}`;
    default:
      return assertNever(record.verdict.status);
  }
}

interface ListedFigure {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
}

function figureList(record: RunRecord, figures: KeyFigures): ListedFigure[] {
  const [first, ...others] = sentRows(record);
  const iterations = { name: 'iterations', value: figures.iterations, unit: 'iterations' };
  const recovery = trendOf(record, 'recovery_time');
  return [
    ...sentFigures(first, ''),
    ...others.flatMap((row) => sentFigures(row, `${row.nouns}: `)),
    ...(first.kind === 'iteration' ? [] : [iterations]),
    ...overdueFigures(record),
    { name: 'dropped iterations', value: figures.droppedIterations, unit: 'iterations' },
    { name: 'virtual users', value: figures.vusMax, unit: 'users at most' },
    ...(recovery.count === 0
      ? []
      : [{ name: 'longest time to recovery', value: rounded(recovery.max), unit: 'ms' }]),
  ];
}

/** Of each kind of work how much was cut off that had waited too long; nothing for most runs. */
function overdueFigures({ cutOff = [] }: RunRecord): ListedFigure[] {
  const counts = new Map<string, number>();
  for (const { metric, overdue } of cutOff) {
    if (overdue > 0) counts.set(metric, (counts.get(metric) ?? 0) + overdue);
  }
  return [...counts].map(([metric, value]) => {
    const nouns = `${nounOf(metric)}s`;
    return { name: `${nouns} cut off overdue`, value, unit: nouns };
  });
}

/** `prefix` tells the further kinds of a run from its first. */
function sentFigures({ nouns, duration, ...sent }: SentRow, prefix: string): ListedFigure[] {
  const time = (ms: number): number | null => (duration.count === 0 ? null : rounded(ms));
  const timeName = `${prefix}${sent.kind === 'iteration' ? 'duration' : 'response time'}`;
  return [
    { name: nouns, value: sent.count, unit: nouns },
    { name: `${prefix}throughput`, value: rounded(sent.perSec), unit: `${nouns}/s` },
    { name: `${prefix}failed`, value: rounded(sent.failedRatio), unit: 'ratio' },
    { name: `${timeName} p50`, value: time(duration.med), unit: 'ms' },
    { name: `${timeName} p95`, value: time(duration['p(95)']), unit: 'ms' },
    { name: `${timeName} p99`, value: time(duration['p(99)']), unit: 'ms' },
  ];
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** The findings' own advice, most severe first; without any, what the verdict itself asks for. */
function nextSteps(record: RunRecord): string[] {
  const severity = { critical: 0, warning: 1, info: 2 } as const;
  const advice = [...record.findings]
    .sort((a, b) => severity[a.severity] - severity[b.severity])
    .flatMap((finding) => (finding.advice === undefined ? [] : [finding.advice]));
  const steps = [...new Set(advice)];
  if (record.interrupted) steps.push('Run it again to its end: an interrupted run shows only a part.');
  if (steps.length > 0) return steps;
  switch (record.verdict.status) {
    case 'pass':
      return ['Nothing to do.'];
    case 'warn':
      return ['Look at the limits that were missed or nearly reached before the load grows.'];
    case 'fail':
      return ['Find out why the broken limits were broken, then run the same profile and seed again.'];
    case 'inconclusive':
      return ['Remove the cause that made this run inconclusive, then run it again.'];
    default:
      return assertNever(record.verdict.status);
  }
}
