// Compares selections of a trend with each other, pair by pair, while the run goes on. The collector fills it.

import type { ComparisonPlan, ComparisonResult, ComparisonStatus } from '../model/comparison.ts';
import type { SeriesDefinition, SeriesDelta, Tags } from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import { Histogram } from '../stats/histogram.ts';
import { pairedRatio } from '../stats/paired-ratio.ts';
import { carries } from './carries.ts';

const confidence = 0.95;
/** Seconds with fewer values than this on either side are put together with the next. */
const fewestValues = 10;
/** In the record; more are averaged in twos. */
const mostPairs = 1000;

type Pair = readonly [of: number, against: number];

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
  readonly comparison: Comparison;
  readonly isOf: boolean;
}

class Comparison {
  readonly plan: ComparisonPlan;
  readonly #whole = new Sides();
  /** The pair in the making, by worker. */
  readonly #open = new Map<number, Sides>();
  readonly #pairs: Pair[] = [];

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
    const pair: Pair = [this.#statisticOf(open.of), this.#statisticOf(open.against)];
    if (pair[0] > 0 && pair[1] > 0) this.#pairs.push(pair);
    open.reset();
  }

  #statisticOf(histogram: Histogram): number {
    return this.plan.statistic === 'med' ? histogram.percentile(50) : histogram.sum / histogram.count;
  }

  /** `overdueOf` says how much was cut off of a selection. */
  finish(overdueOf: (metric: string, tags: Tags) => number): ComparisonResult {
    const { of, against } = this.#whole;
    const pairs = halvedTo(mostPairs, this.#pairs);
    const interval = pairedRatio(pairs, confidence);
    const low = interval === undefined ? null : interval.low - 1;
    const high = interval === undefined ? null : interval.high - 1;
    const cutOff = {
      of: overdueOf(this.plan.metric, this.plan.of),
      against: overdueOf(this.plan.metric, this.plan.against),
    };
    const isWhole = isFew(cutOff.of, of.count) && isFew(cutOff.against, against.count);
    const status = statusOf(this.plan, low, high);
    return {
      status: isWhole || status === 'told' ? status : 'inconclusive',
      of: of.count === 0 ? null : this.#statisticOf(of),
      against: against.count === 0 ? null : this.#statisticOf(against),
      ofCount: of.count,
      againstCount: against.count,
      ...(!isWhole && { cutOff }),
      difference: interval === undefined ? null : interval.ratio - 1,
      low,
      high,
      confidence,
      pairs: { of: pairs.map(([value]) => value), against: pairs.map(([, value]) => value) },
    };
  }
}

/** So little cut off sways no median or average that matters. */
const mostCutOffShare = 0.01;

function isFew(cutOff: number, completed: number): boolean {
  return cutOff <= mostCutOffShare * (cutOff + completed);
}

/** The comparisons of one run. */
export class Comparisons {
  readonly #all: readonly Comparison[];

  constructor(plan: Plan) {
    this.#all = (plan.comparisons ?? []).map((one) => new Comparison(one));
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

  /** The results by name; nothing when the plan has none. */
  finish(overdueOf: (metric: string, tags: Tags) => number): {
    readonly comparisons?: Readonly<Record<string, ComparisonResult>>;
  } {
    if (this.#all.length === 0) return {};
    return {
      comparisons: Object.fromEntries(this.#all.map((one) => [one.plan.name, one.finish(overdueOf)])),
    };
  }
}

/** Neighbours joined by their geometric means, which leaves the mean of the logarithms as it is. */
function halvedTo(most: number, pairs: readonly Pair[]): readonly Pair[] {
  if (pairs.length <= most) return pairs;
  const joined: Pair[] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const [a, b] = [pairs[i]!, pairs[i + 1]!];
    joined.push([Math.sqrt(a[0] * b[0]), Math.sqrt(a[1] * b[1])]);
  }
  return halvedTo(most, joined);
}

function statusOf({ limit }: ComparisonPlan, low: number | null, high: number | null): ComparisonStatus {
  if (limit === undefined) return 'told';
  if (low === null || high === null) return 'inconclusive';
  const holds = {
    '<': (value: number) => value < limit.ratio,
    '<=': (value: number) => value <= limit.ratio,
    '>': (value: number) => value > limit.ratio,
    '>=': (value: number) => value >= limit.ratio,
  }[limit.operator];
  if (holds(low) && holds(high)) return 'pass';
  return holds(low) || holds(high) ? 'inconclusive' : 'fail';
}
