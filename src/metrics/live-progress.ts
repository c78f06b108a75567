// How a run is going, of the totals so far and the last whole second. The collector calls it.

import type { BuiltInMetric } from '../model/metric.ts';
import { kindsOfRun, type OperationKind, operationMetrics } from '../model/operation.ts';
import type { LiveMonitor, LiveOperations, LiveProgress } from '../model/progress.ts';
import type { Histogram } from '../stats/histogram.ts';
import type { KindFigures, LiveFigures } from './live-figures.ts';
import type { Views } from './views.ts';

/** All of it but the alerts, which a judge knows. */
export type MeasuredProgress = Omit<LiveProgress, 'alerts'>;

export function makeProgress(
  views: Views,
  live: LiveFigures,
  watched: readonly LiveMonitor[],
): MeasuredProgress {
  const last = live.lastSecond();
  const requests = operationsOf(views, 'request', last.get('request'));
  const checks = rateOf(views, 'checks');
  return {
    elapsedMs: live.untilMs,
    vus: views.whole('vus').summed?.current() ?? 0,
    vusMax: views.whole('vus_max').summed?.current() ?? 0,
    requests: requests.count,
    requestsPerSec: requests.perSec,
    iterations: countOf(views, 'iterations'),
    iterationsPerSec: last.get('iteration')?.count ?? 0,
    droppedIterations: countOf(views, 'dropped_iterations'),
    lastP95Ms: requests.lastP95Ms,
    runP95Ms: requests.runP95Ms,
    failedRequests: requests.failed,
    failedRatio: requests.failedRatio,
    operations: kindsOfRun((metric) => countOf(views, metric)).map((kind) =>
      operationsOf(views, kind, last.get(kind)),
    ),
    watched,
    checkPasses: checks.passes,
    checkFails: checks.fails,
  };
}

function operationsOf(views: Views, kind: OperationKind, last: KindFigures | undefined): LiveOperations {
  const metrics = operationMetrics[kind];
  const count = countOf(views, metrics.count);
  const { totals } = views.whole(metrics.duration);
  const outcome = views.whole(metrics.failed).totals;
  const { passes, fails } = rateOf(views, metrics.failed);
  const failed = outcome.type === 'counter' ? outcome.count : passes;
  const judged = outcome.type === 'counter' ? count : passes + fails;
  return {
    kind,
    count,
    perSec: last?.count ?? 0,
    lastP95Ms: last === undefined ? null : p95Of(last.durations),
    runP95Ms: totals.type === 'trend' ? p95Of(totals.histogram) : null,
    failed,
    failedRatio: judged === 0 ? 0 : failed / judged,
  };
}

function p95Of(histogram: Histogram): number | null {
  return histogram.count === 0 ? null : histogram.percentile(95);
}

function countOf(views: Views, metric: BuiltInMetric): number {
  const { totals } = views.whole(metric);
  return totals.type === 'counter' ? totals.count : 0;
}

function rateOf(views: Views, metric: BuiltInMetric): { passes: number; fails: number } {
  const { totals } = views.whole(metric);
  return totals.type === 'rate' ? totals : { passes: 0, fails: 0 };
}
