// All thresholds of a plan that are judged by windows, and which series each of them looks at. The collector feeds it;
// judge/ asks for the figures.

import {
  builtInMetrics,
  type CutWork,
  type MetricType,
  type SeriesDefinition,
  type SeriesDelta,
  type Tags,
} from '../model/metric.ts';
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import { metricFacts, outcomeTags } from '../protocols/registry.ts';
import { carries, selectedTags } from './carries.ts';
import { type CourseKind, WindowCourse, type WindowFigures } from './window-course.ts';

/** A course, and what a series is to it: one of its own, or one that tells how long work waited. */
export interface CourseRoute {
  readonly course: WindowCourse;
  readonly role: 'own' | 'waits';
}

interface Watched {
  readonly course: WindowCourse;
  readonly tags: Tags;
  /** The trend that tells of waiting work, where that is not the metric itself. */
  readonly companion: string;
  /** Of the selection, those that work has before its outcome is known. */
  readonly places: Tags;
  /** The selection asks for an outcome, too. */
  readonly hasOutcome: boolean;
}

const iterationTags = ['scenario', 'user', 'task'];

export class WindowCourses {
  readonly #watched = new Map<ThresholdPlan, Watched>();

  constructor(plan: Pick<Plan, 'scenarios' | 'thresholds' | 'metrics'>) {
    for (const threshold of plan.thresholds) {
      if (threshold.windows === undefined) continue;
      const { metric } = threshold;
      const tags = selectedTags(threshold);
      const kind = kindOf(metric, plan);
      const follows = metricFacts(metric)?.follows;
      const companion = kind.waits === 'own' ? metric : (follows ?? 'iteration_duration');
      const isOfIterations = companion === 'iteration_duration';
      const places = Object.entries(tags).filter(([name]) =>
        isOfIterations ? iterationTags.includes(name) : !outcomeTags.has(name),
      );
      this.#watched.set(threshold, {
        course: new WindowCourse(plan, threshold, kind),
        companion,
        places: Object.fromEntries(places),
        hasOutcome: places.length < Object.keys(tags).length,
        tags,
      });
    }
  }

  /** The courses that a series tells something of; most series tell nothing. */
  matching({ metric, tags }: SeriesDefinition): readonly CourseRoute[] {
    return [...this.#watched.values()].flatMap(
      ({ course, companion, places, tags: wanted }): CourseRoute[] => {
        const { threshold } = course;
        if (metric === threshold.metric) return carries(tags, wanted) ? [{ course, role: 'own' }] : [];
        return metric === companion && carries(tags, places) ? [{ course, role: 'waits' }] : [];
      },
    );
  }

  add(routes: readonly CourseRoute[], delta: SeriesDelta, atMs: number): void {
    for (const { course, role } of routes) {
      if (role === 'own') course.add(delta, atMs);
      else if (delta.type === 'trend') course.addWaits(delta.histogram, atMs, 'waited');
    }
  }

  /** Work that was cut off in the second from `atMs` on. What only slept, or waited for operations, is told by these. */
  addCut(cut: readonly CutWork[], atMs: number): void {
    for (const { metric, tags, bound, idle, waits } of cut) {
      if (bound !== 'waited' || idle === true) continue;
      for (const { course, companion, places, hasOutcome } of this.#watched.values()) {
        if (metric !== companion || !carries(tags, places)) continue;
        course.addWaits(waits, atMs, hasOutcome ? 'maybe' : 'cut');
      }
    }
  }

  /** `undefined` for a threshold that is judged on the whole run. */
  figures(threshold: ThresholdPlan, untilMs: number, isEnd: boolean): WindowFigures | undefined {
    return this.#watched.get(threshold)?.course.figures(untilMs, isEnd);
  }
}

function kindOf(metric: string, plan: Pick<Plan, 'metrics'>): CourseKind {
  const builtIn = Object.hasOwn(builtInMetrics, metric)
    ? builtInMetrics[metric as keyof typeof builtInMetrics]
    : undefined;
  const own = Object.hasOwn(plan.metrics, metric) ? plan.metrics[metric] : undefined;
  const type = (own?.type ?? builtIn?.type ?? 'trend') as MetricType;
  const isTime = (own?.contains ?? builtIn?.contains) === 'time';
  if (type === 'trend' && isTime && !metric.startsWith('generator_')) return { type, waits: 'own' };
  const isOfOperation = type === 'rate' && metricFacts(metric)?.follows !== undefined;
  return { type, waits: isOfOperation ? 'outcome' : 'none' };
}
