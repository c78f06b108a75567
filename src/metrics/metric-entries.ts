// Turns a run's sums into the `metrics` of its record. The collector calls it at the end of the run.

import { builtInMetrics, type MetricContains, seriesKey, type Tags } from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import type { MetricEntry } from '../model/run-record.ts';
import { makeBreakdowns, type SeriesTotals } from './breakdowns.ts';
import type { CutView } from './cut-view.ts';
import type { ThresholdOutcomes } from './threshold-outcomes.ts';
import { isEmpty, type Totals, valuesOf } from './totals.ts';
import { subjectOf, type View } from './views.ts';

/** In the record of every run that did anything, so that readers need not ask whether they are there. */
const alwaysShown: ReadonlySet<string> = new Set([
  'http_reqs',
  'http_req_failed',
  'http_req_duration',
  'iterations',
  'iteration_duration',
  'dropped_iterations',
  'checks',
  'vus',
  'vus_max',
  'data_sent',
  'data_received',
]);

/**
 * Entries by series key: whole metrics, then what thresholds select, then the breakdowns that reports read.
 * `ratedMsOf` tells how long the time is that rates of series with these tags are per second of; `outcomes` judges what
 * thresholds select, `cut` tells what of it was cut off, `isFolded` whether some of it is counted under `(other)`.
 */
export function makeMetricEntries(
  plan: Plan,
  views: readonly View[],
  series: readonly SeriesTotals[],
  ratedMsOf: (tags: Tags) => number,
  outcomes: ThresholdOutcomes,
  cut: CutView,
  isFolded: (view: View) => boolean,
): Record<string, MetricEntry> {
  const entries = new Map<string, MetricEntry>();
  const ran = views.some(
    ({ metric, totals }) => (metric === 'http_reqs' || metric === 'iterations') && !isEmpty(totals),
  );
  for (const view of views) {
    const shown =
      !isEmpty(view.totals) ||
      cut.ofEntry(view.metric, view.tags) !== undefined ||
      view.declared ||
      view.thresholds.length > 0 ||
      (ran && view.isWhole && alwaysShown.has(view.metric));
    if (!shown) continue;
    const durationMs = ratedMsOf(view.tags);
    const entry = makeEntry(view, view.contains, durationMs, cut);
    const unfinished = view.thresholds.length === 0 ? undefined : cut.unfinished(view, durationMs);
    const folded = view.thresholds.length > 0 && isFolded(view) ? ({ folded: true } as const) : {};
    const subject = { ...subjectOf(view, durationMs), ...folded };
    const thresholds = outcomes.judge(
      view.thresholds,
      unfinished === undefined ? subject : { ...subject, unfinished },
    );
    entries.set(view.key, thresholds === undefined ? entry : { ...entry, thresholds });
  }
  // Steps of a search are read by their scenario, be there only one.
  const scenarioCount = plan.search === undefined ? plan.scenarios.length : Number.POSITIVE_INFINITY;
  for (const one of makeBreakdowns(series, scenarioCount)) {
    const key = seriesKey(one.metric, one.tags);
    if (!entries.has(key)) entries.set(key, makeEntry(one, containsOf(one.metric), ratedMsOf(one.tags), cut));
  }
  return Object.fromEntries(entries);
}

function makeEntry(
  { metric, tags, totals }: { metric: string; tags: SeriesTotals['tags']; totals: Totals },
  contains: MetricContains,
  durationMs: number,
  cut: CutView,
): MetricEntry {
  const cutOff = totals.type === 'trend' ? cut.ofEntry(metric, tags) : undefined;
  return {
    type: totals.type,
    contains,
    values: valuesOf(totals, durationMs),
    metric,
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(cutOff !== undefined && { cut: cutOff }),
    ...(totals.type === 'trend' && { histogram: Buffer.from(totals.histogram.encode()).toString('base64') }),
  };
}

/** Only built-in metrics are broken down. */
function containsOf(metric: string): MetricContains {
  return builtInMetrics[metric as keyof typeof builtInMetrics].contains;
}
