// Where the record's metrics and thresholds ask what was cut off of them. Made once, at the end of a run.

import { builtInMetrics, type Tags } from '../model/metric.ts';
import type { CutOfEntry } from '../model/run-record.ts';
import { Histogram } from '../stats/histogram.ts';
import type { SeriesTotals } from './breakdowns.ts';
import { carries } from './carries.ts';
import type { CutTotals } from './cut-book.ts';
import type { CutOffSubject } from './metric-subject.ts';
import { missingCountOf, unfinishedOf } from './unfinished.ts';
import type { View } from './views.ts';

export class CutView {
  readonly totals: readonly CutTotals[];
  readonly #iterations: readonly SeriesTotals[];

  constructor(totals: readonly CutTotals[], series: readonly SeriesTotals[]) {
    this.totals = totals;
    this.#iterations = series.filter(({ metric }) => metric === 'iterations');
  }

  /** What a threshold on the view looks at beside its samples; `undefined` when nothing of it is missing. */
  subject(view: View, durationMs: number): CutOffSubject | undefined {
    const { totals, metric, contains } = view;
    const unfinished = unfinishedOf(view, this.totals, (tags) => this.#iterationsWith(tags));
    if (unfinished === undefined) return undefined;
    const isNeverNegative = contains !== 'default' || Object.hasOwn(builtInMetrics, metric);
    const count = totals.type === 'counter' ? unfinished.added : missingCountOf(unfinished);
    const { waits, known } = unfinished;
    const all = sampleCountOf(view);
    return {
      totals,
      unfinished,
      durationMs,
      floor: isNeverNegative ? 0 : Number.NEGATIVE_INFINITY,
      cut: { count, of: all + count, waitedMs: { least: waits.min, most: waits.max } },
      known: {
        count: known.count,
        of: all + known.count,
        waitedMs: { least: known.min, most: known.max },
      },
    };
  }

  /** Of a trend that work cut off would have had values of. */
  ofEntry(metric: string, tags: Tags): CutOfEntry | undefined {
    const waits = new Histogram();
    let overdue = 0;
    for (const one of this.totals) {
      if (one.metric !== metric || !carries(one.tags, tags)) continue;
      waits.merge(one.waits);
      overdue += one.overdue.count;
    }
    if (waits.count === 0) return undefined;
    return { count: waits.count, overdue, waitedMs: { least: waits.min, most: waits.max } };
  }

  #iterationsWith(tags: Tags): number {
    return this.#iterations.reduce((sum, { tags: own, totals }) => {
      const known = Object.entries(tags).filter(([name]) => Object.hasOwn(own, name));
      const belongs = known.every(([name, value]) => own[name] === value);
      return belongs && totals.type === 'counter' ? sum + totals.count : sum;
    }, 0);
  }
}

function sampleCountOf({ totals }: View): number {
  switch (totals.type) {
    case 'counter':
      return totals.count;
    case 'rate':
      return totals.passes + totals.fails;
    case 'trend':
      return totals.histogram.count;
    case 'gauge':
      return 0;
  }
}
