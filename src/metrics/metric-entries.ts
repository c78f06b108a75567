// Turns a run's sums into the `metrics` of its record, and into what thresholds on them look at. The collector calls it
// at the end of the run.

import { builtInMetrics, type MetricContains, seriesKey, type Tags } from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import type { MetricEntry } from '../model/run-record.ts';
import { makeBreakdowns, type SeriesTotals } from './breakdowns.ts';
import type { CutView } from './cut-view.ts';
import type { MetricSubject } from './metric-subject.ts';
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

/** One metric of the record, before thresholds on it are judged. */
export interface MeasuredEntry {
  /** Series key. */
  readonly key: string;
  readonly entry: MetricEntry;
  /** What thresholds on it look at; absent when there are none. */
  readonly subject?: MetricSubject;
}

export interface MeasuredSums {
  readonly views: readonly View[];
  readonly series: readonly SeriesTotals[];
  /** What was cut off. */
  readonly cut: CutView;
  /** How long the time is that rates of series with these tags are per second of. */
  readonly ratedMsOf: (tags: Tags, spans?: View['spans']) => number;
  /** Whether some of what a view would take in is counted under `(other)`. */
  readonly isFolded: (view: View) => boolean;
  readonly windowsOf: MetricSubject['windowsOf'] & {};
}

/** Whole metrics, then what thresholds select, then the breakdowns that reports read; each series key once. */
export function makeMetricEntries(
  plan: Plan,
  { views, series, cut, ratedMsOf, isFolded, windowsOf }: MeasuredSums,
): MeasuredEntry[] {
  const entries = new Map<string, MeasuredEntry>();
  const ran = views.some(
    ({ metric, totals }) => (metric === 'http_reqs' || metric === 'iterations') && !isEmpty(totals),
  );
  for (const view of views) {
    const shown =
      !isEmpty(view.totals) ||
      cut.ofEntry(view.metric, view.tags) !== undefined ||
      view.declared ||
      view.hasThreshold ||
      (ran && view.isWhole && alwaysShown.has(view.metric));
    if (!shown) continue;
    const { key } = view;
    const durationMs = ratedMsOf(view.tags, view.spans);
    const entry = makeEntry(view, view.contains, durationMs, cut);
    if (!view.hasThreshold) {
      entries.set(key, { key, entry });
      continue;
    }
    const cutOff = cut.subject(view, durationMs);
    const subject: MetricSubject = {
      ...subjectOf(view, durationMs),
      windowsOf,
      ...(isFolded(view) && { folded: true as const }),
      ...(cutOff !== undefined && { cutOff }),
    };
    entries.set(key, { key, entry, subject });
  }
  // Steps of a search are read by their scenario, be there only one.
  const scenarioCount = plan.search === undefined ? plan.scenarios.length : Number.POSITIVE_INFINITY;
  for (const one of makeBreakdowns(series, scenarioCount)) {
    const key = seriesKey(one.metric, one.tags);
    if (entries.has(key)) continue;
    entries.set(key, { key, entry: makeEntry(one, containsOf(one.metric), ratedMsOf(one.tags), cut) });
  }
  return [...entries.values()];
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
