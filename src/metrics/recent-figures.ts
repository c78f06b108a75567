// What alerts ask of the load: its metrics over the last seconds, by selection. The collector feeds it.

import type { AlertCondition } from '../model/alert.ts';
import { type SeriesDefinition, type SeriesDelta, seriesKey, type Tags } from '../model/metric.ts';
import { carries } from './carries.ts';
import { SummedGauge, summedGauges } from './summed-gauge.ts';
import { addDelta, createTotals, isEmpty, mergeTotals, type Totals, valuesOf } from './totals.ts';

/** Alerts look at so much of the load. */
const recentMs = 10_000;
const secondMs = 1000;
/** Windows of a second come in within about as much; before that it is not whole. */
const lateMs = 2000;

interface Selection {
  readonly metric: string;
  readonly tags: Tags;
  readonly seconds: Map<number, Totals>;
  recorded: boolean;
  /** Present when the values of workers add up. */
  readonly summed: SummedGauge | undefined;
}

export class RecentFigures {
  readonly #selections = new Map<string, Selection>();

  constructor(conditions: readonly AlertCondition[]) {
    for (const { metric, tags } of conditions) {
      const summed = summedGauges.has(metric) ? new SummedGauge() : undefined;
      this.#selections.set(seriesKey(metric, tags), {
        metric,
        tags,
        seconds: new Map(),
        recorded: false,
        summed,
      });
    }
  }

  /** The selections that a series belongs to; most belong to none. */
  matching({ metric, tags }: SeriesDefinition): readonly Selection[] {
    return [...this.#selections.values()].filter((one) => one.metric === metric && carries(tags, one.tags));
  }

  add(selections: readonly Selection[], worker: number, delta: SeriesDelta, startAtMs: number): void {
    const second = Math.floor(startAtMs / secondMs);
    for (const selection of selections) {
      selection.recorded = true;
      const { seconds, summed } = selection;
      if (summed !== undefined && delta.type === 'gauge') {
        summed.add(worker, startAtMs, delta);
        // Only the newest values matter here.
        summed.seal(second - lateMs / secondMs, () => {});
        continue;
      }
      let totals = seconds.get(second);
      if (totals === undefined) {
        totals = createTotals(delta.type);
        seconds.set(second, totals);
        const oldest = second - (recentMs + 2 * lateMs) / secondMs;
        for (const one of seconds.keys()) if (one < oldest) seconds.delete(one);
      }
      if (totals.type === delta.type) addDelta(totals, delta, startAtMs);
    }
  }

  /** Whether there ever was a sample of what a condition selects, or none is needed. */
  wasRecorded(condition: AlertCondition): boolean {
    const selection = this.#selections.get(seriesKey(condition.metric, condition.tags));
    return selection?.recorded === true || isZeroWithoutSamples(condition);
  }

  /**
   * The figure of a condition over the last 10 s that are whole when windows have come in up to `untilMs`, or over
   * those that there are by then; a gauge as it stands, of a counter its gain per second. `undefined` while there is
   * nothing to tell it from. A counter that gained nothing is 0, and a count is not known before 10 s are over.
   */
  value(condition: AlertCondition, untilMs: number): number | undefined {
    const { metric, tags, aggregation } = condition;
    const selection = this.#selections.get(seriesKey(metric, tags));
    if (selection?.summed !== undefined) return selection.summed.current();
    const until = Math.floor((untilMs - lateMs) / secondMs);
    const from = Math.max(0, until - recentMs / secondMs);
    const durationMs = (until - from) * secondMs;
    if (selection === undefined || durationMs <= 0) return undefined;
    let sum: Totals | undefined;
    for (const [second, totals] of selection.seconds) {
      if (second < from || second >= until) continue;
      sum ??= createTotals(totals.type);
      mergeTotals(sum, totals);
    }
    const isCount = aggregation?.kind === 'count';
    if (isCount && durationMs < recentMs) return undefined;
    if (sum === undefined || isEmpty(sum)) return isZeroWithoutSamples(condition) ? 0 : undefined;
    if (sum.type === 'trend' && aggregation?.kind === 'percentile') {
      return sum.histogram.percentile(aggregation.p);
    }
    const kind = sum.type === 'gauge' ? 'value' : (aggregation?.kind ?? 'rate');
    return (valuesOf(sum, durationMs) as Readonly<Record<string, number | undefined>>)[kind];
  }
}

function isZeroWithoutSamples({ aggregation, unit }: AlertCondition): boolean {
  return aggregation?.kind === 'count' || unit === 'per s';
}
