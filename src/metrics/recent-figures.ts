// What alerts ask of the load: its metrics over the last seconds, by selection. The collector feeds it.

import type { AlertCondition } from '../model/alert.ts';
import { type SeriesDefinition, type SeriesDelta, seriesKey, type Tags } from '../model/metric.ts';
import { addDelta, createTotals, isEmpty, mergeTotals, type Totals, valuesOf } from './totals.ts';

/** Alerts look at so much of the load. */
export const recentMs = 10_000;
const secondMs = 1000;
/** Windows of a second come in within about as much; before that it is not whole. */
const lateMs = 2000;

interface Selection {
  readonly metric: string;
  readonly tags: Tags;
  /** By second, the newest at the end. */
  readonly seconds: Map<number, Totals>;
}

export class RecentFigures {
  readonly #selections = new Map<string, Selection>();

  constructor(conditions: readonly AlertCondition[]) {
    for (const { metric, tags } of conditions) {
      this.#selections.set(seriesKey(metric, tags), { metric, tags, seconds: new Map() });
    }
  }

  /** The selections that a series belongs to; most belong to none. */
  matching({ metric, tags }: SeriesDefinition): readonly Selection[] {
    return [...this.#selections.values()].filter(
      (one) =>
        one.metric === metric && Object.entries(one.tags).every(([name, value]) => tags[name] === value),
    );
  }

  add(selections: readonly Selection[], delta: SeriesDelta, startAtMs: number): void {
    const second = Math.floor(startAtMs / secondMs);
    for (const { seconds } of selections) {
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

  /**
   * The figure of a condition over the last 10 s that are whole at run time `nowMs`; of a counter its gain per second.
   * `undefined` while there is nothing to tell it from.
   */
  value({ metric, tags, aggregation }: AlertCondition, nowMs: number): number | undefined {
    const seconds = this.#selections.get(seriesKey(metric, tags))?.seconds;
    if (seconds === undefined) return undefined;
    const until = Math.floor((nowMs - lateMs) / secondMs);
    const from = until - recentMs / secondMs;
    let sum: Totals | undefined;
    for (const [second, totals] of seconds) {
      if (second < from || second >= until) continue;
      sum ??= createTotals(totals.type);
      mergeTotals(sum, totals);
    }
    if (sum === undefined || isEmpty(sum)) return undefined;
    if (sum.type === 'trend' && aggregation?.kind === 'percentile') {
      return sum.histogram.percentile(aggregation.p);
    }
    const values = valuesOf(sum, Math.min(recentMs, Math.max(secondMs, nowMs - lateMs)));
    const kind = aggregation?.kind ?? (sum.type === 'gauge' ? 'value' : 'rate');
    return (values as Readonly<Record<string, number | undefined>>)[kind];
  }
}
