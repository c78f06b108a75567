// The figures of monitors whose figures the suite names: selections off a Prometheus page or OTLP, PromQL queries,
// values of a JSON answer. Plans are made with these functions, and monitors judge pages by the same rule.

import type { FigureDefinition, FigureDefinitions, MonitorUnit } from './monitor.ts';
import type { PrometheusSelection, SelectionPlan } from './monitor-settings.ts';

/** How many of the figures are shown in overviews: the first ones written. */
const headlineCount = 3;

/** Endings of names whose metrics are totals. Source: Prometheus, "Metric and label naming" and "Metric types". */
const totalEndings = ['_total', '_count', '_sum', '_bucket'];

type Selections = Readonly<Record<string, string | PrometheusSelection>>;

/**
 * Whether a selection makes a counter or a gauge. It must be known before any page is read: by `as` where it is given
 * (`increase` makes a counter, all else gauges), else by the metric's name (`_total`, `_count`, `_sum` and `_bucket` end
 * the names of counters).
 */
export function selectionType({ metric, as }: Pick<SelectionPlan, 'metric' | 'as'>): 'gauge' | 'counter' {
  if (as !== undefined) return as === 'increase' ? 'counter' : 'gauge';
  return totalEndings.some((ending) => metric.endsWith(ending)) ? 'counter' : 'gauge';
}

/** Selections with their defaults filled in, by figure. `quantile` without `as` means `as: quantile`. */
export function planSelections(select: Selections): Record<string, SelectionPlan> {
  return Object.fromEntries(Object.entries(select).map(([figure, given]) => [figure, planSelection(given)]));
}

function planSelection(given: string | PrometheusSelection): SelectionPlan {
  const { metric, labels, as, quantile, combine, scale } = selectionOf(given);
  const mode = as ?? (quantile === undefined ? undefined : 'quantile');
  return {
    metric,
    labels: labels ?? {},
    ...(mode !== undefined && { as: mode }),
    ...(quantile !== undefined && { quantile }),
    combine: combine ?? 'sum',
    scale: scale ?? 1,
  };
}

/** What selections report, by figure. */
export function selectionFigures(select: Selections): FigureDefinitions {
  return figuresOf(select, (given) => {
    const { unit, title } = selectionOf(given);
    return { type: selectionType(planSelection(given)), unit, title };
  });
}

/** What named queries or paths report, by figure: gauges. */
export function valueFigures(
  values: Readonly<Record<string, string | { readonly unit?: MonitorUnit; readonly title?: string }>>,
): FigureDefinitions {
  return figuresOf(values, (given) => ({ type: 'gauge', ...(typeof given !== 'string' && given) }));
}

function selectionOf(given: string | PrometheusSelection): PrometheusSelection {
  return typeof given === 'string' ? { metric: given } : given;
}

function figuresOf<Given>(
  given: Readonly<Record<string, Given>>,
  define: (given: Given) => {
    readonly type: FigureDefinition['type'];
    readonly unit?: MonitorUnit | undefined;
    readonly title?: string | undefined;
  },
): FigureDefinitions {
  return Object.fromEntries(
    Object.entries(given).map(([figure, one], index) => {
      const { type, unit = 'count', title = figure.replaceAll('_', ' ') } = define(one);
      return [figure, { type, unit, title, ...(index < headlineCount && { headline: true as const }) }];
    }),
  );
}
