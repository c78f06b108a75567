// The coordinator's side of measurement: merges the windows of all workers into what the run record holds.

import type { AlertCondition, AlertRecord, AlertTransition } from '../model/alert.ts';
import type { ComparisonResult } from '../model/comparison.ts';
import {
  type MetricWindow,
  otherValues,
  type SeriesDefinition,
  type SeriesDelta,
  type Tags,
} from '../model/metric.ts';
import type { MonitorRecord, MonitorReport } from '../model/monitor.ts';
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import type { LiveProgress } from '../model/progress.ts';
import type {
  CheckResult,
  CutOffWork,
  MetricEntry,
  ThresholdOutcome,
  TimelineWindow,
} from '../model/run-record.ts';
import { Histogram } from '../stats/histogram.ts';
import { AlertWatch, type FigureLookup } from './alert-watch.ts';
import { brokenDownMetrics, keptTags, makeCheckResults, type SeriesTotals } from './breakdowns.ts';
import { carries, isBesideLoad } from './carries.ts';
import { type ComparedSide, Comparisons } from './comparisons.ts';
import { CutBook, listCutOff } from './cut-book.ts';
import { CutView } from './cut-view.ts';
import { FloorWatch } from './floor-watch.ts';
import { isFolded } from './folded.ts';
import { LiveFigures } from './live-figures.ts';
import { makeProgress } from './live-progress.ts';
import { makeMetricEntries } from './metric-entries.ts';
import { MonitorBook } from './monitor-book.ts';
import type { CurrentFigure } from './monitor-pages.ts';
import { findOutages, recoveryTimesMs } from './outages.ts';
import { ratedMs } from './rated-time.ts';
import { RecentFigures } from './recent-figures.ts';
import { judgeFloorsOfSteps } from './search-floors.ts';
import { ThresholdOutcomes } from './threshold-outcomes.ts';
import { isBroken } from './thresholds.ts';
import { Timeline } from './timeline.ts';
import { addDelta, createTotals } from './totals.ts';
import { createViews, subjectOf, type View } from './views.ts';
import { WindowQueue } from './window-queue.ts';

/** What a run measured, in the shapes of the run record. */
export interface Collected {
  readonly metrics: Readonly<Record<string, MetricEntry>>;
  /** In the order of the plan's. */
  readonly thresholds: readonly ThresholdOutcome[];
  /** Absent when nothing was cut off. */
  readonly cutOff?: readonly CutOffWork[];
  readonly timeline: readonly TimelineWindow[];
  readonly checks: readonly CheckResult[];
  /** Absent when the plan has none. */
  readonly comparisons?: Readonly<Record<string, ComparisonResult>>;
  /** By name. */
  readonly monitors: Readonly<Record<string, MonitorRecord>>;
  /** Absent when the plan has none. */
  readonly alerts?: readonly AlertRecord[];
}

export interface Collector {
  /**
   * Takes in one window of one worker; windows of one worker come in order, those of several in any. It counts when all
   * workers have told of its time, or at the end.
   */
  accept(window: MetricWindow): void;
  /** Takes in what a monitor tells. */
  observe(report: MonitorReport): void;
  /** A figure of a monitor as it stands; `undefined` before it was read. */
  current(metric: string): CurrentFigure | undefined;
  /** The alerts that begin, change or end with what has come in so far. */
  alerts(): AlertTransition[];
  progress(): LiveProgress;
  /** Marks the alerts that are critical now, and may end the run, as having ended it. */
  endedByAlerts(): void;
  /**
   * The `abortOnFail` thresholds that are broken now, and may end the run: of the load by what all workers have told of,
   * of monitors at this run time or that of the newest that came in. Thresholds of the first answer that is not empty are marked as having ended it.
   */
  breachedAborts(elapsedMs: number): ThresholdPlan[];
  /**
   * Everything measured; call once, after the last window. `durationMs` is how long the run took, `stoppedEarly` whether
   * it was ended from outside.
   */
  finish(durationMs: number, stoppedEarly?: boolean): Collected;
}

/** A series of one worker, and where its gains go. */
interface Route {
  readonly definition: SeriesDefinition;
  readonly series: SeriesTotals | undefined;
  /** False for what `setup` and `teardown` did: it counts only where it is selected. */
  readonly isOfLoad: boolean;
  /** The metric as a whole first, if it is of the load. */
  readonly views: readonly View[];
  readonly sides: readonly ComparedSide[];
  /** Where alerts look. */
  readonly recent: ReturnType<RecentFigures['matching']>;
  /** Its metric already has another type, so its gains go nowhere. */
  readonly conflicting: boolean;
}

/** Summed gauges wait this many seconds for windows that come late. */
const lateSecondCount = 2;
/** Figures of the load are not known any more when no window has come in for so long. */
const silentMs = 5000;

/**
 * Creates the collector of one run. Memory grows with the number of series, and with the run's length only
 * up to the bound of the timeline. `warn` is told of metrics that user code uses as two types, of which only
 * the first counts. Throws a `TypeError` when a threshold names a metric that nothing defines.
 */
export function createCollector(plan: Plan, warn: (message: string) => void = () => {}): Collector {
  const views = createViews(plan);
  const timeline = new Timeline();
  const comparisons = new Comparisons(plan);
  const book = new MonitorBook(plan);
  const watch = new AlertWatch(plan.alerts ?? []);
  const conditions = (plan.alerts ?? []).flatMap(({ rules }) => rules.flatMap((rule) => rule.conditions));
  const floors = new FloorWatch(plan);
  const recent = new RecentFigures(conditions.filter(({ metric }) => !book.has(metric)));
  /** Run time of the newest that came in. */
  let newestAtMs = 0;
  const queue = new WindowQueue(plan.workers);
  const live = new LiveFigures();
  const routes = new Map<number, Map<number, Route>>();
  const series = new Map<string, SeriesTotals>();
  const cutBook = new CutBook();
  const warned = new Set<string>();
  let abortedBy: readonly ThresholdPlan[] = [];
  let endedByAlert = false;
  /** Some series stands for values that a worker does not keep apart. */
  let hasFolded = false;

  function routeFor(definition: SeriesDefinition): Route {
    const { metric, type, tags } = definition;
    hasFolded ||= Object.values(tags).includes(otherValues);
    const matching = views.matching(definition);
    const conflicting = matching[0]!.totals.type !== type;
    if (conflicting && !warned.has(metric)) {
      warned.add(metric);
      warn(
        `metric ${metric} is used as a ${type} and as a ${matching[0]!.totals.type}; the ${type} is not counted`,
      );
    }
    if (conflicting) {
      return {
        ...{ definition, views: [], sides: [], recent: [], series: undefined },
        ...{ isOfLoad: true, conflicting },
      };
    }
    const sides = comparisons.sidesOf(definition);
    const isOfLoad = !isBesideLoad(tags);
    const counting = isOfLoad ? matching : matching.slice(1);
    const route = {
      definition,
      isOfLoad,
      views: counting,
      sides,
      recent: recent.matching(definition),
      conflicting,
    };
    if (!brokenDownMetrics.has(metric)) return { ...route, series: undefined };
    const kept = keptTags(metric, tags);
    const key = JSON.stringify([metric, Object.entries(kept).sort(([a], [b]) => (a < b ? -1 : 1))]);
    const known = series.get(key) ?? { metric, tags: kept, totals: createTotals(type) };
    series.set(key, known);
    return { ...route, series: known };
  }

  function addToRoute(route: Route, worker: number, delta: SeriesDelta, startAtMs: number): void {
    const { metric } = route.definition;
    if (route.series !== undefined) addDelta(route.series.totals, delta, startAtMs);
    let summed = false;
    for (const view of route.views) {
      if (view.summed !== undefined && delta.type === 'gauge') {
        view.summed.add(worker, startAtMs, delta);
        summed = true;
      } else {
        addDelta(view.totals, delta, startAtMs);
      }
    }
    if (route.isOfLoad) {
      if (!summed) timeline.add(metric, delta, startAtMs);
      live.add(metric, delta, startAtMs);
    }
    comparisons.add(route.sides, worker, delta);
    recent.add(route.recent, worker, delta, startAtMs);
  }

  /** A figure of a monitor as it stands, one of the load over the last seconds. */
  function figureOf(condition: AlertCondition): ReturnType<FigureLookup> {
    if (book.has(condition.metric)) {
      const current = book.current(condition.metric);
      return current === undefined || current.validUntilMs < newestAtMs ? undefined : current;
    }
    // Monitors go on telling the time when the load has nothing to tell.
    const atMs = queue.untilMs;
    const value = newestAtMs - atMs > silentMs ? undefined : recent.value(condition, atMs);
    return value === undefined ? undefined : { value, atMs };
  }

  function cutOffSoFar(): CutView {
    return new CutView(cutBook.judge(completedOf), [...series.values()]);
  }

  function judgedAt(
    runMs: number,
    cut: CutView,
    stoppedEarly = false,
  ): Pick<Collected, 'metrics' | 'thresholds'> {
    const outcomes = new ThresholdOutcomes(plan.thresholds, abortedBy, stoppedEarly || endedByAlert);
    const ratedMsOf = (tags: Tags): number => ratedMs(plan, tags, runMs);
    const metrics = {
      ...makeMetricEntries(plan, views.all(), [...series.values()], ratedMsOf, outcomes, cut, hidesSome),
      ...book.entries(outcomes),
    };
    return { metrics, thresholds: outcomes.all() };
  }

  /** Whether some of what a view would take in is counted under `(other)`. */
  function hidesSome(view: View): boolean {
    if (!hasFolded || view.isWhole) return false;
    const byWorker = [...routes.values()].map((own) => Array.from(own.values(), (route) => route.definition));
    return isFolded(view, byWorker);
  }

  /** What completed of a trend and carries the tags. */
  function completedOf(metric: string, tags: Tags): Histogram {
    const completed = new Histogram();
    const isWhole = Object.keys(tags).length === 0;
    const whole = views.all().find((view) => view.isWhole && view.metric === metric)?.totals;
    if (isWhole && whole?.type === 'trend') completed.merge(whole.histogram);
    if (isWhole) return completed;
    const kept = keptTags(metric, tags);
    for (const one of series.values()) {
      if (one.metric === metric && one.totals.type === 'trend' && carries(one.tags, kept))
        completed.merge(one.totals.histogram);
    }
    return completed;
  }

  /** Sums the gauges of all seconds before `second`. */
  function sealGauges(second: number): void {
    for (const view of views.all()) {
      view.summed?.seal(second, (startAtMs, values) => {
        const delta: SeriesDelta = { id: 0, type: 'gauge', ...values };
        addDelta(view.totals, delta, startAtMs);
        if (view.isWhole) timeline.add(view.metric, delta, startAtMs);
      });
    }
  }

  function count({ worker, startAtMs, definitions, deltas, cut }: MetricWindow): void {
    if (cut !== undefined) cutBook.add(cut);
    const own = routes.get(worker) ?? new Map<number, Route>();
    routes.set(worker, own);
    for (const definition of definitions) own.set(definition.id, routeFor(definition));
    for (const delta of deltas) {
      const route = own.get(delta.id);
      if (route === undefined) {
        throw new TypeError(`worker ${worker} sent series ${delta.id} without its definition`);
      }
      if (!route.conflicting) addToRoute(route, worker, delta, startAtMs);
    }
    comparisons.windowEnded(worker);
    sealGauges(Math.floor(startAtMs / 1000) - lateSecondCount);
  }

  return {
    accept(window) {
      newestAtMs = Math.max(newestAtMs, window.endAtMs);
      for (const due of queue.push(window)) count(due);
      live.told(queue.untilMs);
    },

    observe(report) {
      newestAtMs = Math.max(newestAtMs, report.kind === 'sample' ? report.sample.atMs : report.atMs);
      book.accept(report);
    },

    current: (metric) => book.current(metric),

    alerts: () => watch.look(figureOf, newestAtMs),

    progress: () => makeProgress(views, live, { watched: book.live(newestAtMs), alerts: watch.firing() }),

    endedByAlerts() {
      endedByAlert = true;
      watch.endedRun();
    },

    breachedAborts(givenMs) {
      const elapsedMs = Math.max(givenMs, newestAtMs);
      // The load is judged up to where all workers have told of it: some are ahead, and monitors are, too.
      const measuredMs = queue.untilMs;
      const broken = views
        .all()
        .flatMap((view) => view.thresholds.map((threshold) => ({ view, threshold })))
        .filter(
          ({ view, threshold }) =>
            threshold.abortOnFail &&
            measuredMs > 0 &&
            measuredMs >= threshold.delayAbortEvalMs &&
            !floors.has(threshold, view.totals.type) &&
            isBroken(threshold, subjectOf(view, ratedMs(plan, view.tags, measuredMs))),
        )
        .map(({ threshold }) => threshold)
        .concat(
          book
            .broken(elapsedMs)
            .filter((one) => !floors.has(one, book.definitionOf(one.metric)?.type ?? 'gauge')),
        )
        .concat(floors.broken(measuredMs, () => judgedAt(measuredMs, cutOffSoFar())));
      if (abortedBy.length === 0) abortedBy = broken;
      return broken;
    },

    finish(durationMs, stoppedEarly = false) {
      for (const window of queue.rest()) count(window);
      sealGauges(Math.ceil(queue.untilMs / 1000));
      const course = timeline.finish(durationMs);
      const { totals: recovery } = views.whole('recovery_time');
      if (recovery.type === 'trend') {
        for (const ms of recoveryTimesMs(findOutages({ plan, timeline: course }))) recovery.histogram.add(ms);
      }
      const cut = cutOffSoFar();
      return {
        ...judgeFloorsOfSteps(plan, judgedAt(durationMs, cut, stoppedEarly), durationMs),
        ...(cut.totals.length > 0 && { cutOff: listCutOff(cut.totals) }),
        timeline: course,
        checks: makeCheckResults([...series.values()]),
        ...comparisons.finish((metric, tags) => cut.ofEntry(metric, tags)?.overdue ?? 0),
        monitors: book.records(),
        ...(plan.alerts !== undefined && { alerts: watch.records() }),
      };
    },
  };
}
