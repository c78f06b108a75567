// The coordinator's side of measurement: merges the windows of all workers, and what monitors tell, into totals,
// timelines and what a judge looks at. Whoever drives a run feeds it; it judges nothing.

import type { AlertCondition } from '../model/alert.ts';
import type { FaultReport } from '../model/fault.ts';
import type { MetricWindow, SeriesDelta, Tags } from '../model/metric.ts';
import type { MonitorReport } from '../model/monitor.ts';
import type { PhaseRecord, SteadyRecord } from '../model/phase.ts';
import type { Plan } from '../model/plan.ts';
import type { Measurements } from '../model/run-record.ts';
import { Histogram } from '../stats/histogram.ts';
import { keptTags, makeCheckResults } from './breakdowns.ts';
import { carries } from './carries.ts';
import { type ComparedPairs, PairBooks } from './compared-pairs.ts';
import { CutBook, listCutOff } from './cut-book.ts';
import { CutView } from './cut-view.ts';
import { FaultBook, type FaultsMeasured } from './fault-book.ts';
import { LiveFigures } from './live-figures.ts';
import { type MeasuredProgress, makeProgress } from './live-progress.ts';
import { type MeasuredEntry, makeMetricEntries } from './metric-entries.ts';
import { MonitorBook } from './monitor-book.ts';
import { PhaseBook } from './phase-book.ts';
import { ratedMs } from './rated-time.ts';
import { RecentFigures } from './recent-figures.ts';
import { type Route, SeriesRoutes } from './series-routes.ts';
import type { KnownFigure, Standing } from './standing.ts';
import { findSteadyStates } from './steady-state.ts';
import { Timeline } from './timeline.ts';
import { addDelta, addValues } from './totals.ts';
import { createViews, subjectOf } from './views.ts';
import { WindowCourses } from './window-courses.ts';
import { WindowQueue } from './window-queue.ts';

/** All that a run measured, before it is judged. */
export interface MeasuredRun extends Pick<Measurements, 'timeline' | 'checks' | 'monitors' | 'cutOff'> {
  /** Scenarios and their stages, in the order of the plan. */
  readonly phases: readonly PhaseRecord[];
  readonly steady: readonly SteadyRecord[];
  readonly faults: FaultsMeasured;
  /** How long the run took. */
  readonly durationMs: number;
  /** In the order of the plan's comparisons. */
  readonly compared: readonly ComparedPairs[];
  /** The metrics; call once. Given are those that show only in the timeline. */
  entries(made: MadeAtEnd): readonly MeasuredEntry[];
}

/** By metric, its values: times in ms, shares 0..1. */
export type MadeAtEnd = Readonly<
  Record<'recovery_time' | 'spike_recovery_time' | 'goodput_kept', readonly number[]>
>;

export interface Collector extends Standing {
  /**
   * Takes in one window of one worker; windows of one worker come in order, those of several in any. It counts when all
   * workers have told of its time, or at the end.
   */
  accept(window: MetricWindow): void;
  /** Takes in what a monitor tells. */
  observe(report: MonitorReport): void;
  /** Takes in what was done to the system. */
  observeFault(report: FaultReport): void;
  progress(): MeasuredProgress;
  /** Everything measured; call once, after the last window. `durationMs` is how long the run took. */
  finish(durationMs: number): MeasuredRun;
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
  const comparisons = new PairBooks(plan);
  const book = new MonitorBook(plan);
  const conditions = (plan.alerts ?? []).flatMap(({ rules }) => rules.flatMap((rule) => rule.conditions));
  const recent = new RecentFigures(conditions.filter(({ metric }) => !book.has(metric)));
  const courses = new WindowCourses(plan);
  const phases = new PhaseBook(plan);
  const faults = new FaultBook(plan.faults);
  const routes = new SeriesRoutes({ views, comparisons, recent, courses, phases, faults, warn });
  /** Run time of the newest that came in. */
  let newestAtMs = 0;
  const queue = new WindowQueue(plan.workers);
  const live = new LiveFigures();
  const cutBook = new CutBook();

  function addToRoute(route: Route, worker: number, delta: SeriesDelta, startAtMs: number): void {
    const { metric } = route.definition;
    if (route.series !== undefined) addDelta(route.series.totals, delta, startAtMs);
    let summed = false;
    for (const view of route.views) {
      const { spans } = view;
      if (spans?.every(({ fromMs, untilMs }) => startAtMs < fromMs || startAtMs >= untilMs) === true)
        continue;
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
    courses.add(route.courses, delta, startAtMs);
    phases.add(route.phases, metric, delta, startAtMs);
    faults.add(route.operation, delta, startAtMs);
  }

  function cutOffSoFar(): CutView {
    return new CutView(cutBook.judge(completedOf), routes.series());
  }

  function entriesAt(runMs: number, cut: CutView, isEnd: boolean): MeasuredEntry[] {
    const ofLoad = makeMetricEntries(plan, {
      ...{ views: views.all(), series: routes.series(), cut },
      ratedMsOf: (tags, spans) =>
        spans?.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0) ?? ratedMs(plan, tags, runMs),
      isFolded: (view) => routes.hidesSome({ ...view, tags: view.selected }),
      windowsOf: (threshold) => courses.figures(threshold, runMs, isEnd),
    });
    return [...ofLoad, ...book.entries()];
  }

  /** What completed of a trend and carries the tags. */
  function completedOf(metric: string, tags: Tags): Histogram {
    const completed = new Histogram();
    const isWhole = Object.keys(tags).length === 0;
    const whole = views.all().find((view) => view.isWhole && view.metric === metric)?.totals;
    if (isWhole && whole?.type === 'trend') completed.merge(whole.histogram);
    if (isWhole) return completed;
    const kept = keptTags(metric, tags);
    for (const one of routes.series()) {
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
    if (cut !== undefined) {
      cutBook.add(cut);
      courses.addCut(cut, startAtMs);
    }
    routes.define(worker, definitions);
    for (const delta of deltas) {
      const route = routes.of(worker, delta.id);
      if (!route.conflicting) addToRoute(route, worker, delta, startAtMs);
    }
    comparisons.windowEnded(worker);
    sealGauges(Math.floor(startAtMs / 1000) - lateSecondCount);
  }

  function figureOf(condition: AlertCondition): KnownFigure | undefined {
    if (book.has(condition.metric)) {
      const current = book.current(condition.metric);
      return current === undefined || current.validUntilMs < newestAtMs ? undefined : current;
    }
    // Monitors go on telling the time when the load has nothing to tell.
    const atMs = queue.untilMs;
    const value = newestAtMs - atMs > silentMs ? undefined : recent.value(condition, atMs);
    return value === undefined ? undefined : { value, atMs };
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

    observeFault: (report) => faults.accept(report),

    newestMs: () => newestAtMs,
    loadUntilMs: () => queue.untilMs,
    figureOf,
    wasRecorded: (condition) =>
      book.has(condition.metric)
        ? book.current(condition.metric) !== undefined
        : recent.wasRecorded(condition),
    isWatched: (metric) => book.has(metric),
    typeOf: (metric) => book.definitionOf(metric)?.type ?? views.selected({ metric, tags: {} })!.totals.type,
    subjectOf(selector) {
      const watched = book.subject(selector);
      if (watched !== undefined) return watched;
      const view = views.selected(selector)!;
      return {
        ...subjectOf(view, ratedMs(plan, view.tags, queue.untilMs)),
        windowsOf: (threshold) => courses.figures(threshold, queue.untilMs, false),
      };
    },
    entries: () => entriesAt(queue.untilMs, cutOffSoFar(), false),

    progress: () => makeProgress(views, live, book.live(newestAtMs)),

    finish(durationMs) {
      for (const window of queue.rest()) count(window);
      sealGauges(Math.ceil(queue.untilMs / 1000));
      const course = timeline.finish(durationMs);
      const cut = cutOffSoFar();
      return {
        durationMs,
        timeline: course,
        phases: phases.finish(durationMs),
        steady: findSteadyStates(plan, course, timeline),
        faults: faults.finish(durationMs),
        checks: makeCheckResults(routes.series()),
        monitors: book.records(),
        ...(cut.totals.length > 0 && { cutOff: listCutOff(cut.totals) }),
        compared: comparisons.finish((metric, tags) => cut.ofEntry(metric, tags)?.overdue ?? 0),
        entries(made) {
          for (const [metric, values] of Object.entries(made)) {
            addValues(views.whole(metric as keyof MadeAtEnd).totals, values, durationMs);
          }
          return entriesAt(durationMs, cut, true);
        },
      };
    },
  };
}
