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
  /** It is meant to go on for ever, so that its end tells nothing. */
  readonly isEndless: boolean;
}

/** With fewer completed pieces of its very own kind, work is compared also with what is like it. */
const enoughCompleted = 20;

export class CutBook {
  readonly #kinds = new Map<string, Omit<CutTotals, 'overdue' | 'isEndless'>>();

  add(cut: readonly CutWork[]): void {
    for (const { waits, ...kind } of cut) {
      const { metric, tags, bound, due, idle = false } = kind;
      const key = JSON.stringify([metric, bound, due, idle, entriesOf(tags)]);
      const known = this.#kinds.get(key) ?? { ...kind, waits: new Histogram() };
      this.#kinds.set(key, known);
      known.waits.mergeEncoded(waits);
    }
  }

  /** `completedOf` gives the values of a trend that carry these tags; all of them for no tags. */
  judge(completedOf: (metric: string, tags: Tags) => Histogram): CutTotals[] {
    const lines = new Map<string, number>();
    const lineOf = (metric: string, { tags, completed }: Compared): number => {
      const key = JSON.stringify([metric, entriesOf(tags)]);
      const precedents = metric === 'iteration_duration' ? 1 : 2;
      const line = lines.get(key) ?? overdueFromMs(this.#waitsOf(metric, tags), completed, precedents);
      lines.set(key, line);
      return line;
    };
    return [...this.#kinds.values()].map((kind) => {
      const { metric } = kind;
      const levels = comparedWith(kind, (tags) => ({ tags, completed: completedOf(metric, tags) }));
      if (kind.due) return { ...kind, overdue: valuesFrom(kind.waits, 0), isEndless: false };
      if (levels.length === 0) return { ...kind, overdue: new Histogram(), isEndless: true };
      // It is overdue when nothing that it is compared with explains it.
      const line = Math.max(...levels.map((level) => lineOf(metric, level)));
      return { ...kind, overdue: valuesFrom(kind.waits, line), isEndless: false };
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

interface Compared {
  readonly tags: Tags;
  readonly completed: Histogram;
}

/**
 * What work is compared with: its very kind where enough of that completed, else also its task, and the whole metric. An
 * iteration is compared with others of its task, as those of other tasks are nothing like it; one that was idle and of
 * which none ever completed is meant to go on for ever, and compared with nothing.
 */
function comparedWith(
  { metric, tags, idle }: Pick<CutTotals, 'metric' | 'tags' | 'idle'>,
  completedWith: (tags: Tags) => Compared,
): Compared[] {
  const own = completedWith(tags);
  if (metric === 'iteration_duration') {
    if (own.completed.count > 0) return [own];
    return idle === true ? [] : [completedWith({})];
  }
  if (own.completed.count >= enoughCompleted) return [own];
  const { scenario, user, task } = tags;
  const isOfTask = scenario !== undefined && user !== undefined && task !== undefined;
  const further = [...(isOfTask ? [completedWith({ scenario, user, task })] : []), completedWith({})];
  return [own, ...further];
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
