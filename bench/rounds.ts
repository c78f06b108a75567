// Several contenders in turn, round after round: what they are compared by was measured within one round, because
// a machine's speed drifts from one minute to the next.

import { messageOf } from '../src/model/errors.ts';

/** The middle one, or the mean of the two in the middle. Throws when there are none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('there is no median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Contender<F> {
  readonly name: string;
  readonly note: string;
  /** A peer's failure costs its own row only. */
  readonly isPeer: boolean;
  measure(): Promise<F>;
}

/** One entry in `rounds` per round, in order. */
export interface Measured<F> extends Omit<Contender<F>, 'measure'> {
  readonly rounds: readonly F[];
}

/** Measures all contenders once in every round. A peer that fails is named by `say` and left out from then on. */
export async function inRounds<F>(
  contenders: readonly Contender<F>[],
  rounds: number,
  say: (line: string) => void,
): Promise<Measured<F>[]> {
  const rows = contenders.map(({ measure, ...about }) => ({ ...about, measure, rounds: [] as F[] }));
  const broken = new Set<string>();
  for (let round = 1; round <= rounds; round++) {
    for (const row of rows) {
      if (broken.has(row.name)) continue;
      say(`round ${round} of ${rounds}: ${row.name}`);
      try {
        row.rounds.push(await row.measure());
      } catch (thrown) {
        if (!row.isPeer) throw thrown;
        say(`${row.name} is left out: ${messageOf(thrown)}`);
        broken.add(row.name);
      }
    }
  }
  return rows
    .filter(({ name }) => !broken.has(name))
    .map(({ name, note, isPeer, rounds: measured }) => ({ name, note, isPeer, rounds: measured }));
}

/** Median over the rounds of one figure. */
export function medianOf<F>(row: Measured<F>, figure: (round: F) => number): number {
  return median(row.rounds.map(figure));
}

/** Median over the rounds of `one`'s figure divided by `other`'s in the same round; `undefined` without `other`. */
export function ratioOf<F>(
  one: Measured<F>,
  other: Measured<F> | undefined,
  figure: (round: F) => number,
): number | undefined {
  if (other === undefined) return undefined;
  return median(one.rounds.map((round, k) => figure(round) / figure(other.rounds[k]!)));
}

/** Smallest and largest over the rounds. */
export function rangeOf<F>(row: Measured<F>, figure: (round: F) => number): readonly [number, number] {
  const values = row.rounds.map(figure);
  return [Math.min(...values), Math.max(...values)];
}
