// Keeps what workers had to cut off, and decides at the end of the run how much of it was ordinary. The collector feeds
// it; unfinished.ts reads what it decides.

import type { CutMark, CutWork, Tags } from '../model/metric.ts';
import type { CutOffWork } from '../model/run-record.ts';
import { Histogram } from '../stats/histogram.ts';
import { overdueFromMs, valuesFrom } from '../stats/overdue.ts';
import { carries } from './carries.ts';

/** What was cut off of one kind of work over the whole run. */
export interface CutTotals extends CutMark {
  readonly metric: string;
  readonly tags: Tags;
  readonly waits: Histogram;
  /** Those of `waits` that are longer than work of this kind takes, or that the plan demanded. */
  readonly overdue: Histogram;
}

/** With fewer completed pieces of its very own kind, work is compared with more that is like it. */
const enoughCompleted = 20;

export class CutBook {
  readonly #kinds = new Map<string, Omit<CutTotals, 'overdue'>>();

  add(cut: readonly CutWork[]): void {
    for (const { metric, tags, bound, due, waits } of cut) {
      const key = JSON.stringify([metric, bound, due, entriesOf(tags)]);
      const known = this.#kinds.get(key) ?? { metric, tags, bound, due, waits: new Histogram() };
      this.#kinds.set(key, known);
      known.waits.mergeEncoded(waits);
    }
  }

  /** `completedOf` gives the values of a trend that carry these tags; all of them for no tags. */
  judge(completedOf: (metric: string, tags: Tags) => Histogram): CutTotals[] {
    const lines = new Map<string, number>();
    const lineOf = (metric: string, tags: Tags): number => {
      const { level, completed } = comparedWith(metric, tags, completedOf);
      const key = JSON.stringify([metric, entriesOf(level)]);
      let line = lines.get(key);
      if (line === undefined) {
        line = overdueFromMs(this.#waitsOf(metric, level), completed);
        lines.set(key, line);
      }
      return line;
    };
    return [...this.#kinds.values()].map((kind) => {
      const line = kind.due ? 0 : lineOf(kind.metric, kind.tags);
      return { ...kind, overdue: valuesFrom(kind.waits, line) };
    });
  }

  #waitsOf(metric: string, level: Tags): Histogram {
    const all = new Histogram();
    for (const kind of this.#kinds.values()) {
      if (kind.metric === metric && carries(kind.tags, level)) all.merge(kind.waits);
    }
    return all;
  }
}

/** The narrowest of its very kind, its task, and the whole metric of which enough was completed. */
function comparedWith(
  metric: string,
  tags: Tags,
  completedOf: (metric: string, tags: Tags) => Histogram,
): { level: Tags; completed: Histogram } {
  const { scenario, user, task } = tags;
  const ofTask =
    scenario === undefined || user === undefined || task === undefined ? [] : [{ scenario, user, task }];
  for (const level of [tags, ...ofTask]) {
    const completed = completedOf(metric, level);
    if (completed.count >= enoughCompleted) return { level, completed };
  }
  return { level: {}, completed: completedOf(metric, {}) };
}

function entriesOf(tags: Tags): [string, string][] {
  return Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** As the record lists it, the most overdue first. */
export function listCutOff(totals: readonly CutTotals[]): CutOffWork[] {
  return totals
    .map(({ metric, tags, due, waits, overdue }) => ({
      metric,
      tags,
      due,
      count: waits.count,
      overdue: overdue.count,
      waitedMs: { least: waits.min, most: waits.max, sum: waits.sum },
      ...(overdue.count > 0 && {
        overdueMs: { least: overdue.min, most: overdue.max, sum: overdue.sum, med: overdue.percentile(50) },
      }),
    }))
    .sort((a, b) => b.overdue - a.overdue || b.count - a.count);
}
