// Puts the selections that a comparison is of beside each other, pair by pair, while the run goes on. The collector
// fills it; judge/comparisons.ts says what the pairs show.

import type { ComparisonPlan } from '../model/comparison.ts';
import type { SeriesDefinition, SeriesDelta, Tags } from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import { Histogram } from '../stats/histogram.ts';
import { carries } from './carries.ts';

/** Seconds with fewer values than this on either side are put together with the next. */
const fewestValues = 10;

/** The statistic of both sides in the same second or seconds of one worker. */
export type ComparedPair = readonly [of: number, against: number];

/** One side of a comparison over the whole run. */
export interface ComparedSelection {
  /** Median or average; `null` without values. */
  readonly statistic: number | null;
  readonly count: number;
  /** How many operations of it were cut off overdue. */
  readonly cutOff: number;
}

/** What was measured for one comparison. */
export interface ComparedPairs {
  readonly plan: ComparisonPlan;
  readonly of: ComparedSelection;
  readonly against: ComparedSelection;
  readonly pairs: readonly ComparedPair[];
}

class Sides {
  readonly of = new Histogram();
  readonly against = new Histogram();

  reset(): void {
    this.of.reset();
    this.against.reset();
  }
}

/** Where the gains of one series go. */
export interface ComparedSide {
  readonly comparison: PairBook;
  readonly isOf: boolean;
}

/** The pairs of one comparison. */
class PairBook {
  readonly plan: ComparisonPlan;
  readonly #whole = new Sides();
  /** The pair in the making, by worker. */
  readonly #open = new Map<number, Sides>();
  readonly #pairs: ComparedPair[] = [];

  constructor(plan: ComparisonPlan) {
    this.plan = plan;
  }

  add(worker: number, isOf: boolean, histogram: Uint8Array): void {
    let open = this.#open.get(worker);
    if (open === undefined) {
      open = new Sides();
      this.#open.set(worker, open);
    }
    for (const sides of [open, this.#whole]) (isOf ? sides.of : sides.against).mergeEncoded(histogram);
  }

  windowEnded(worker: number): void {
    const open = this.#open.get(worker);
    if (open === undefined || open.of.count < fewestValues || open.against.count < fewestValues) return;
    const pair: ComparedPair = [this.#statisticOf(open.of), this.#statisticOf(open.against)];
    if (pair[0] > 0 && pair[1] > 0) this.#pairs.push(pair);
    open.reset();
  }

  #statisticOf(histogram: Histogram): number {
    return this.plan.statistic === 'med' ? histogram.percentile(50) : histogram.sum / histogram.count;
  }

  finish(overdueOf: (metric: string, tags: Tags) => number): ComparedPairs {
    const { metric, of, against } = this.plan;
    const side = (histogram: Histogram, tags: Tags): ComparedSelection => ({
      statistic: histogram.count === 0 ? null : this.#statisticOf(histogram),
      count: histogram.count,
      cutOff: overdueOf(metric, tags),
    });
    return {
      plan: this.plan,
      of: side(this.#whole.of, of),
      against: side(this.#whole.against, against),
      pairs: this.#pairs,
    };
  }
}

/** The pairs of all comparisons of one run. */
export class PairBooks {
  readonly #all: readonly PairBook[];

  constructor(plan: Plan) {
    this.#all = (plan.comparisons ?? []).map((one) => new PairBook(one));
  }

  /** The comparisons that a series takes part in, if any. */
  sidesOf({ metric, type, tags }: SeriesDefinition): ComparedSide[] {
    if (type !== 'trend') return [];
    return this.#all.flatMap((comparison) => {
      const { plan } = comparison;
      if (plan.metric !== metric) return [];
      return [true, false]
        .filter((isOf) => carries(tags, isOf ? plan.of : plan.against))
        .map((isOf) => ({ comparison, isOf }));
    });
  }

  add(sides: readonly ComparedSide[], worker: number, delta: SeriesDelta): void {
    if (delta.type !== 'trend') return;
    for (const { comparison, isOf } of sides) comparison.add(worker, isOf, delta.histogram);
  }

  /** All of a worker's window has been added. */
  windowEnded(worker: number): void {
    for (const comparison of this.#all) comparison.windowEnded(worker);
  }

  /** In the order of the plan's. `overdueOf` says how much was cut off overdue of a selection. */
  finish(overdueOf: (metric: string, tags: Tags) => number): ComparedPairs[] {
    return this.#all.map((one) => one.finish(overdueOf));
  }
}
