// Finds outages in the timeline of a run. judge.ts makes `recovery_time` of them; analysis and reports, which
// have the same timeline, tell of them. The rule is in docs/how-it-measures.md, "Outages and time to recovery".

import type { MetricValues } from '../model/metric.ts';
import { failedCountOf, kindsOfRun, type OperationKind, operationMetrics } from '../model/operation.ts';
import type { Outage } from '../model/outage.ts';
import type { Plan } from '../model/plan.ts';
import type { TimelineWindow } from '../model/run-record.ts';
import { findSilences } from './silences.ts';

/** From this share of what succeeded before on, an interval in which it fails begins an outage. */
const outageShare = 0.5;
/** A share of failures is back when it is at most so much above what it was before. */
const tolerance = 0.05;
/** So many intervals in a row must be as before. */
const backCount = 3;
/** What is smaller in both is a stumble, no outage. */
const leastFailed = 5;
const leastIntervals = 3;

/** Indexes of intervals: the first of the outage, and the first after it. */
interface Span {
  readonly from: number;
  readonly until: number | null;
}

/**
 * The outages of a run, ascending and apart from each other. None for a capacity search, which is to break its target;
 * none for what failed from the first interval to the last, which has no before and no after.
 */
export function findOutages({
  plan,
  timeline,
}: {
  readonly plan: Pick<Plan, 'search' | 'scenarios' | 'durationMs'>;
  readonly timeline: readonly TimelineWindow[];
}): Outage[] {
  if (plan.search !== undefined) return [];
  const silent = findSilences(plan, timeline);
  const kinds = kindsOfRun((metric) => sumOf(timeline, (window) => countIn(window.metrics[metric])));
  return joined(kinds.flatMap((kind) => spansOf(kind, timeline, silent)))
    .filter((span) => isLarge(span, kinds, timeline))
    .map((span) => describe(span, timeline));
}

/** Times to recovery of those that ended, in ms: the values of `recovery_time`. */
export function recoveryTimesMs(outages: readonly Outage[]): number[] {
  return outages.flatMap(({ untilMs, lengthMs }) => (untilMs === null ? [] : [lengthMs]));
}

/** What of one kind was known before an interval. */
interface Before {
  readonly total: number;
  readonly failed: number;
}

/** The times in which one kind of operations was down. */
function spansOf(
  kind: OperationKind,
  timeline: readonly TimelineWindow[],
  silent: readonly boolean[],
): Span[] {
  const spans: Span[] = [];
  let before: Before = { total: 0, failed: 0 };
  // The share of failures that was usual before the interval before this one, when that one was above it.
  let raised: number | undefined;
  let open: { from: number; usual: number; back: number[] } | undefined;
  for (const [i, window] of timeline.entries()) {
    const { total, failed } = operationsIn(window, kind);
    const share = total === 0 ? undefined : failed / total;
    const isSilent = silent[i] === true;
    if (open === undefined) {
      const usual = shareOf(before);
      const limit = usual + (1 - usual) * outageShare;
      if (isSilent ? before.total > 0 : share !== undefined && share >= limit) {
        // It began in the interval before, if more failed there than before that.
        open = { from: raised === undefined ? i : i - 1, usual: raised ?? usual, back: [] };
        raised = undefined;
      } else {
        raised = share !== undefined && share > usual + tolerance ? usual : undefined;
        before = { total: before.total + total, failed: before.failed + failed };
      }
    } else if (isSilent || (share !== undefined && share > open.usual + tolerance)) {
      open.back = [];
    } else if (share !== undefined && open.back.push(i) === backCount) {
      // Without any operation an interval says nothing either way.
      spans.push({ from: open.from, until: open.back[0]! });
      open = undefined;
    }
  }
  if (open !== undefined && before.total > 0) spans.push({ from: open.from, until: null });
  return spans;
}

function shareOf({ total, failed }: Before): number {
  return total === 0 ? 0 : failed / total;
}

/** What overlaps is one outage of several kinds. */
function joined(spans: readonly Span[]): Span[] {
  const all: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last === undefined || (last.until !== null && span.from > last.until)) {
      all.push(span);
      continue;
    }
    const open = last.until === null || span.until === null;
    all[all.length - 1] = { from: last.from, until: open ? null : Math.max(last.until!, span.until!) };
  }
  return all;
}

function isLarge(span: Span, kinds: readonly OperationKind[], timeline: readonly TimelineWindow[]): boolean {
  const within = timeline.slice(span.from, span.until ?? timeline.length);
  const failed = sumOf(within, (window) =>
    kinds.reduce((sum, kind) => sum + operationsIn(window, kind).failed, 0),
  );
  return within.length >= leastIntervals || failed >= leastFailed;
}

function describe({ from, until }: Span, timeline: readonly TimelineWindow[]): Outage {
  const within = timeline.slice(from, until ?? timeline.length);
  const fromMs = timeline[from]!.startAtMs;
  const untilMs = until === null ? null : timeline[until]!.startAtMs;
  const failed: Partial<Record<OperationKind, number>> = {};
  for (const kind of Object.keys(operationMetrics) as OperationKind[]) {
    const count = sumOf(within, (window) => operationsIn(window, kind).failed);
    if (count > 0) failed[kind] = count;
  }
  return { fromMs, untilMs, lengthMs: (untilMs ?? timeline.at(-1)!.endAtMs) - fromMs, failed };
}

/** Operations whose outcome is known: those cut off at the end of the run have none. */
function operationsIn({ metrics }: TimelineWindow, kind: OperationKind): { total: number; failed: number } {
  const outcome = metrics[operationMetrics[kind].failed];
  const failed = failedCountOf(outcome);
  if (outcome !== undefined && 'passes' in outcome) return { total: failed + outcome.fails, failed };
  return { total: countIn(metrics[operationMetrics[kind].count]), failed };
}

function countIn(values: MetricValues | undefined): number {
  return values !== undefined && 'count' in values ? values.count : 0;
}

function sumOf(timeline: readonly TimelineWindow[], of: (window: TimelineWindow) => number): number {
  return timeline.reduce((sum, window) => sum + of(window), 0);
}
