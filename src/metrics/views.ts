// Sums that must be up to date while the run goes on: of each whole metric, and of each threshold's selection.

import {
  builtInMetrics,
  type MetricContains,
  type MetricDefinition,
  type MetricType,
  type SeriesDefinition,
  seriesKey,
  type Tags,
} from '../model/metric.ts';
import { monitorMetric } from '../model/monitor.ts';
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import { carries, selectedTags } from './carries.ts';
import type { MetricSubject } from './metric-subject.ts';
import { SummedGauge, summedGauges } from './summed-gauge.ts';
import { createTotals, isEmpty, type Totals, valuesOf } from './totals.ts';

/** All series of a metric that carry the tags, merged. */
export interface View {
  readonly key: string;
  readonly metric: string;
  readonly tags: Tags;
  readonly contains: MetricContains;
  /** Of those, what a series must carry. */
  readonly selected: Tags;
  /** Present when only what ended in some times counts. */
  readonly spans?: readonly { readonly fromMs: number; readonly untilMs: number }[];
  /** True for the metric as a whole, without a selection. */
  readonly isWhole: boolean;
  /** True when the suite declared the metric, which is then in the record even without samples. */
  readonly declared: boolean;
  readonly totals: Totals;
  /** Present when the values of workers add up; `totals` then follows when seconds are sealed. */
  readonly summed: SummedGauge | undefined;
  /** True when a threshold is on it. */
  readonly hasThreshold: boolean;
}

export interface Views {
  /** Whole metrics first, built-in ones leading, then selections in the order of the plan's thresholds. */
  all(): readonly View[];
  /** What a threshold is on; `undefined` for the figures of monitors. */
  selected(threshold: Pick<ThresholdPlan, 'metric' | 'tags'>): View | undefined;
  /** A built-in metric as a whole. */
  whole(metric: keyof typeof builtInMetrics): View;
  /** The views that a series belongs to, its whole metric first; makes that one when the metric is new. */
  matching(series: SeriesDefinition): View[];
}

/** Creates the views of a plan. Throws a `TypeError` when a threshold names a metric that nothing defines. */
export function createViews(plan: Plan): Views {
  const wholes = new Map<string, View>();
  const selections = new Map<string, View>();

  function view(
    metric: string,
    tags: Tags,
    definition: MetricDefinition,
    declared: boolean,
    own: Pick<View, 'selected' | 'spans'> = { selected: tags },
  ): View {
    const key = seriesKey(metric, tags);
    return {
      key,
      metric,
      tags,
      contains: definition.contains,
      ...own,
      isWhole: Object.keys(tags).length === 0,
      declared,
      totals: createTotals(definition.type),
      summed: summedGauges.has(metric) ? new SummedGauge() : undefined,
      hasThreshold: plan.thresholds.some((one) => seriesKey(one.metric, one.tags) === key),
    };
  }

  for (const [metric, definition] of Object.entries(builtInMetrics)) {
    wholes.set(metric, view(metric, {}, definition, false));
  }
  for (const [metric, { type, contains }] of Object.entries(plan.metrics)) {
    // The plan is plain JSON; what it says about metrics was checked when the suite was loaded.
    const definition = { type: type as MetricType, contains: contains as MetricContains };
    wholes.set(metric, view(metric, {}, definition, true));
  }
  for (const threshold of plan.thresholds.filter((one) => !isOfMonitor(plan, one))) {
    const { metric, tags } = threshold;
    const whole = wholes.get(metric);
    if (whole === undefined) throw new TypeError(`a threshold names metric ${metric}, which nothing defines`);
    const key = seriesKey(metric, tags);
    if (key === metric || selections.has(key)) continue;
    const definition = { type: whole.totals.type, contains: whole.contains };
    const { stage, outside = stage === undefined ? undefined : [stage] } = threshold.windows ?? {};
    const own = { selected: selectedTags(threshold), ...(outside !== undefined && { spans: outside }) };
    selections.set(key, view(metric, tags, definition, false, own));
  }

  return {
    all: () => [...wholes.values(), ...selections.values()],
    selected({ metric, tags }) {
      const key = seriesKey(metric, tags);
      return wholes.get(key) ?? selections.get(key);
    },
    whole: (metric) => wholes.get(metric)!,
    matching({ metric, type, contains, tags }) {
      let whole = wholes.get(metric);
      if (whole === undefined) {
        whole = view(metric, {}, { type, contains }, false);
        wholes.set(metric, whole);
      }
      const selecting = [...selections.values()].filter(
        (one) => one.metric === metric && carries(tags, one.selected),
      );
      return [whole, ...selecting];
    },
  };
}

/** Those are kept apart, by the book of monitors. */
function isOfMonitor({ monitors = [] }: Plan, { metric }: ThresholdPlan): boolean {
  return monitors.some(({ name, figures }) =>
    Object.keys(figures).some((figure) => monitorMetric(name, figure) === metric),
  );
}

/** What a threshold on the view looks at, `durationMs` into the run. */
export function subjectOf(view: View, durationMs: number): MetricSubject {
  const { totals } = view;
  const values = valuesOf(totals, durationMs);
  const current = view.summed?.current();
  return {
    // A gauge's sum is compared as it is now, not as it was in the last second sealed.
    values: current === undefined ? values : { ...values, value: current },
    histogram: totals.type === 'trend' ? totals.histogram : undefined,
    empty: isEmpty(totals) && current === undefined,
  };
}
