// Reads several runs that followed one another as one, and parts of a run on their own. Used by run/join-search.ts and
// run/search-steps.ts.

import { durationOf } from '../executors/of-plan.ts';
import { createCollector } from '../metrics/collector.ts';
import { partOfSample, type TimeSpan } from '../metrics/scenario-times.ts';
import type { AlertRecord, AlertRuleRecord } from '../model/alert.ts';
import { type MetricWindow, type SeriesDefinition, seriesKey } from '../model/metric.ts';
import type { MonitorReport } from '../model/monitor.ts';
import type { Plan } from '../model/plan.ts';
import type { JudgedRun } from '../model/run-record.ts';
import { createJudge } from './judge.ts';
import { isFloor } from './search-floors.ts';

/** What the workers of one step sent, in the order of arrival. */
export interface StepWindows {
  readonly scenario: string;
  readonly windows: readonly MetricWindow[];
  /** What monitors told meanwhile. */
  readonly reports: readonly MonitorReport[];
  /** What became of the alerts in it. */
  readonly alerts: readonly AlertRecord[];
  /** How long the step took. */
  readonly durationMs: number;
  /** What came before this run time of the step is warm-up. */
  readonly warmUpMs: number;
}

/** Scenario tags of all that steps did while they warmed up, and counted when no load was driven any more. */
const warmUpScenario = 'warm-up';
const windDownScenario = 'wind-down';

/**
 * Counters tell throughput, which is that of the time in which load is driven: what is counted after the planned end of
 * a step, while the last iterations finish, is none of it. Failures may be counted as well, so what has an upper limit
 * is kept; and so are response times and outcomes, which belong to what was sent in time.
 */
function isWindDown(
  { thresholds }: Plan,
  { type, metric }: Pick<SeriesDefinition, 'type' | 'metric'>,
): boolean {
  if (type !== 'counter') return false;
  return thresholds.every((one) => one.metric !== metric || isFloor(one, type));
}

/**
 * What was measured in the windows that start, and read by monitors, from `fromMs` on and before `toMs`. The last part of
 * a step, up to the planned end, also has what came after it: what monitors read when the load had ended, and the
 * outcome of its last iterations, see `isWindDown`.
 */
export function collectPart(
  plan: Plan,
  { windows, reports }: Pick<StepWindows, 'windows' | 'reports'>,
  fromMs: number,
  toMs: number,
): JudgedRun {
  const collector = createCollector(plan);
  const isLast = toMs >= plan.durationMs || windows.every(({ startAtMs }) => startAtMs < toMs);
  const known = new Map<string, SeriesDefinition>();
  for (const window of windows) {
    const { worker, startAtMs } = window;
    for (const one of window.definitions) known.set(`${worker}:${one.id}`, one);
    const isInside = startAtMs >= fromMs && startAtMs < toMs;
    const isAfter = isLast && startAtMs >= toMs;
    const late = window.deltas.filter(({ id }) => !isWindDown(plan, known.get(`${worker}:${id}`)!));
    // Series are defined once, perhaps before the part begins.
    const { cut, ...rest } = window;
    collector.accept({
      ...rest,
      deltas: isInside ? window.deltas : isAfter ? late : [],
      ...(cut !== undefined && (isInside || isAfter) && { cut }),
    });
  }
  const span = { fromMs, untilMs: isLast ? Number.POSITIVE_INFINITY : toMs };
  for (const report of reports) {
    const part = partOf(report, span);
    if (part !== undefined) collector.observe(part);
  }
  return createJudge(plan, collector).finish(collector.finish(toMs - fromMs));
}

function atMsOf(report: MonitorReport): number {
  return report.kind === 'sample' ? report.sample.atMs : report.atMs;
}

/** `undefined` for what tells nothing of the span. */
function partOf(report: MonitorReport, span: TimeSpan): MonitorReport | undefined {
  if (report.kind !== 'sample') {
    return report.atMs >= span.fromMs && report.atMs < span.untilMs ? report : undefined;
  }
  const sample = partOfSample(report.sample, span);
  const isEmpty = Object.keys(sample.values).length + Object.keys(sample.gains).length === 0;
  return isEmpty ? undefined : { ...report, sample };
}

function later(report: MonitorReport, offsetMs: number): MonitorReport {
  const atMs = atMsOf(report) + offsetMs;
  return report.kind === 'sample' ? { ...report, sample: { ...report.sample, atMs } } : { ...report, atMs };
}

/** When each step began in the joined run, ms, whole seconds, and how long it all took. */
export function stepOffsets(steps: readonly StepWindows[]): { startsMs: number[]; durationMs: number } {
  const startsMs: number[] = [];
  let nextMs = 0;
  let durationMs = 0;
  for (const step of steps) {
    startsMs.push(nextMs);
    durationMs = nextMs + step.durationMs;
    const newestMs = Math.max(
      step.durationMs,
      ...step.windows.map(({ endAtMs }) => endAtMs),
      ...step.reports.map(atMsOf),
    );
    nextMs += Math.ceil(newestMs / 1000) * 1000;
  }
  return { startsMs, durationMs };
}

/**
 * All steps as one run, by the plan that holds a scenario for each. What a step did while it warmed up carries the
 * scenario tag `warm-up` in place of its own, and what it counted after its load `wind-down`, so that a step's series
 * hold what counts, and whole metrics hold all.
 */
export function joinSteps(plan: Plan, steps: readonly StepWindows[]): JudgedRun {
  const collector = createCollector(plan);
  const { startsMs, durationMs } = stepOffsets(steps);
  const ids = new Map<string, number>();
  const plannedMs = plan.scenarios.map(({ executor }) => durationOf(executor));
  for (const [position, { windows, reports, warmUpMs }] of steps.entries()) {
    for (const report of reports) collector.observe(later(report, startsMs[position]!));
    const known = new Map<string, SeriesDefinition>();
    for (const window of windows) {
      const { worker, startAtMs, endAtMs } = window;
      for (const one of window.definitions) known.set(`${worker}:${one.id}`, one);
      const definitions: SeriesDefinition[] = [];
      const deltas = window.deltas.map((delta) => {
        const original = known.get(`${worker}:${delta.id}`)!;
        const other =
          startAtMs < warmUpMs
            ? warmUpScenario
            : startAtMs >= plannedMs[position]! && isWindDown(plan, original)
              ? windDownScenario
              : undefined;
        const isMoved = other !== undefined && original.tags.scenario !== undefined;
        const tags = isMoved ? { ...original.tags, scenario: other } : original.tags;
        // Each step's workers number their series anew; here one series keeps its number through all steps.
        const key = `${worker} ${original.type} ${seriesKey(original.metric, tags)}`;
        const id = ids.get(key) ?? ids.size;
        if (!ids.has(key)) definitions.push({ ...original, id, tags });
        ids.set(key, id);
        return { ...delta, id };
      });
      const offsetMs = startsMs[position]!;
      collector.accept({
        worker,
        startAtMs: startAtMs + offsetMs,
        endAtMs: endAtMs + offsetMs,
        definitions,
        deltas,
        ...(window.cut !== undefined && { cut: window.cut }),
      });
    }
  }
  const judged = createJudge(plan, collector).finish(collector.finish(durationMs));
  return plan.alerts === undefined ? judged : { ...judged, alerts: joinAlerts(steps, startsMs) };
}

/**
 * Alerts begin anew with each step, as they did while it was driven: what was still firing when a step ended was so until
 * then. One that ended a step has not ended the search.
 */
function joinAlerts(steps: readonly StepWindows[], startsMs: readonly number[]): AlertRecord[] {
  const joined = new Map<string, AlertRecord>();
  for (const [position, { alerts, durationMs }] of steps.entries()) {
    const offsetMs = startsMs[position]!;
    const isLast = position === steps.length - 1;
    for (const alert of alerts) {
      const known = joined.get(alert.name);
      const episodes = alert.episodes.map((episode) => ({
        ...episode,
        fromMs: episode.fromMs + offsetMs,
        untilMs:
          episode.untilMs === null && isLast
            ? null
            : (episode.untilMs ?? Math.max(durationMs, episode.fromMs)) + offsetMs,
      }));
      joined.set(alert.name, {
        ...alert,
        rules:
          known === undefined ? alert.rules : alert.rules.map((rule, i) => joinRules(known.rules[i]!, rule)),
        episodes: [...(known?.episodes ?? []), ...episodes],
        episodeCount: alert.episodeCount + (known?.episodeCount ?? 0),
        aborted: false,
      });
    }
  }
  return [...joined.values()];
}

/** Of a search, what was recorded in one step was recorded. */
function joinRules(
  known: AlertRuleRecord,
  { level, expression, unrecorded = [] }: AlertRuleRecord,
): AlertRuleRecord {
  const inBoth = unrecorded.filter((name) => known.unrecorded?.includes(name));
  return { level, expression, ...(inBoth.length > 0 && { unrecorded: inBoth }) };
}
