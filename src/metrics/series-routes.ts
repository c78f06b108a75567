// Knows for each series of each worker where its gains go: into which views, comparisons and breakdowns. The collector
// asks it for every gain.

import { otherValues, type SeriesDefinition } from '../model/metric.ts';
import { brokenDownMetrics, keptTags, type SeriesTotals } from './breakdowns.ts';
import { isBesideLoad } from './carries.ts';
import type { ComparedSide, PairBooks } from './compared-pairs.ts';
import type { FaultBook, KeptOperation } from './fault-book.ts';
import { isFolded } from './folded.ts';
import type { Phase, PhaseBook } from './phase-book.ts';
import type { RecentFigures } from './recent-figures.ts';
import { createTotals } from './totals.ts';
import type { View, Views } from './views.ts';
import type { CourseRoute, WindowCourses } from './window-courses.ts';

/** A series of one worker, and where its gains go. */
export interface Route {
  readonly definition: SeriesDefinition;
  readonly series: SeriesTotals | undefined;
  /** False for what `setup` and `teardown` did: it counts only where it is selected. */
  readonly isOfLoad: boolean;
  /** The metric as a whole first, if it is of the load. */
  readonly views: readonly View[];
  readonly sides: readonly ComparedSide[];
  /** Where alerts look. */
  readonly recent: ReturnType<RecentFigures['matching']>;
  /** Where thresholds that are judged by windows look. */
  readonly courses: readonly CourseRoute[];
  /** The scenarios and stages whose figures it is part of. */
  readonly phases: readonly Phase[];
  /** Present when the run has faults, and the series tells the outcomes of an operation. */
  readonly operation: KeptOperation | undefined;
  /** Its metric already has another type, so its gains go nowhere. */
  readonly conflicting: boolean;
}

export interface RouteTargets {
  readonly views: Views;
  readonly comparisons: PairBooks;
  readonly recent: RecentFigures;
  readonly courses: WindowCourses;
  readonly phases: PhaseBook;
  readonly faults: FaultBook;
  /** Is told of metrics that user code uses as two types, of which only the first counts. */
  readonly warn: (message: string) => void;
}

export class SeriesRoutes {
  readonly #targets: RouteTargets;
  readonly #routes = new Map<number, Map<number, Route>>();
  readonly #series = new Map<string, SeriesTotals>();
  readonly #warned = new Set<string>();
  /** Some series stands for values that a worker does not keep apart. */
  #hasFolded = false;

  constructor(targets: RouteTargets) {
    this.#targets = targets;
  }

  define(worker: number, definitions: readonly SeriesDefinition[]): void {
    const own = this.#routes.get(worker) ?? new Map<number, Route>();
    this.#routes.set(worker, own);
    for (const definition of definitions) own.set(definition.id, this.#make(definition));
  }

  /** Throws a `TypeError` for a series that the worker has not defined. */
  of(worker: number, id: number): Route {
    const route = this.#routes.get(worker)?.get(id);
    if (route === undefined) throw new TypeError(`worker ${worker} sent series ${id} without its definition`);
    return route;
  }

  /** The sums of the series that are kept apart until the end. */
  series(): readonly SeriesTotals[] {
    return [...this.#series.values()];
  }

  /** Whether some of what a view would take in is counted under `(other)`. */
  hidesSome(view: View): boolean {
    if (!this.#hasFolded || view.isWhole) return false;
    const byWorker = [...this.#routes.values()].map((own) =>
      Array.from(own.values(), (route) => route.definition),
    );
    return isFolded(view, byWorker);
  }

  #make(definition: SeriesDefinition): Route {
    const { views, comparisons, recent, courses, phases, faults } = this.#targets;
    const { metric, type, tags } = definition;
    this.#hasFolded ||= Object.values(tags).includes(otherValues);
    const matching = views.matching(definition);
    const known = matching[0]!.totals.type;
    if (known !== type) {
      this.#warnOnce(
        metric,
        `metric ${metric} is used as a ${type} and as a ${known}; the ${type} is not counted`,
      );
      const nowhere = {
        ...{ views: [], sides: [], recent: [], courses: [], phases: [] },
        ...{ series: undefined, operation: undefined },
      };
      return { definition, ...nowhere, isOfLoad: true, conflicting: true };
    }
    const isOfLoad = !isBesideLoad(tags);
    return {
      definition,
      series: brokenDownMetrics.has(metric) ? this.#sumOf(definition) : undefined,
      isOfLoad,
      views: isOfLoad ? matching : matching.slice(1),
      sides: comparisons.sidesOf(definition),
      recent: recent.matching(definition),
      courses: courses.matching(definition),
      phases: phases.matching(definition),
      operation: isOfLoad ? faults.operationOf(definition) : undefined,
      conflicting: false,
    };
  }

  /** Series that differ only in tags that nobody reads share one sum. */
  #sumOf({ metric, type, tags }: SeriesDefinition): SeriesTotals {
    const kept = keptTags(metric, tags);
    const key = JSON.stringify([metric, Object.entries(kept).sort(([a], [b]) => (a < b ? -1 : 1))]);
    const known = this.#series.get(key) ?? { metric, tags: kept, totals: createTotals(type) };
    this.#series.set(key, known);
    return known;
  }

  #warnOnce(metric: string, message: string): void {
    if (this.#warned.has(metric)) return;
    this.#warned.add(metric);
    this.#targets.warn(message);
  }
}
