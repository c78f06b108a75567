// What keeps the newest run of a history from being judged: it cannot be used, it lacks figures, or they are bounds. Called
// by history.ts.

import type { ComparedFigure } from '../model/regression.ts';
import type { KeptRun } from './kept-run.ts';
import { leftText } from './left-runs.ts';
import { comparedWords } from './row-words.ts';

/** Runs before the newest that tell which figures it should have. */
const lookedBack = 8;
const namedFigures = 5;

interface Followed {
  readonly key: string;
  readonly figure?: ComparedFigure;
  readonly isOpen: boolean;
}

/**
 * One sentence for each: the newest runs cannot be used; the newest run that can lacks a figure of a whole metric that any of the
 * eight before it has, or another that most of them have; times are bounds, and may be worse. `all` and `kept`, those that are
 * compared, ascend by time.
 */
export function newestObstacles(
  all: readonly KeptRun[],
  kept: readonly KeptRun[],
  series: readonly Followed[],
): string[] {
  const good = all.findLastIndex(({ unusable }) => unusable === undefined);
  const newest = all.slice(good + 1).map(({ id, unusable = '' }) => ({ run: id, reason: unusable }));
  const left = leftText(newest.toReversed(), all.length);
  const lacking = lackingIn(kept);
  const open = series.filter(({ isOpen }) => isOpen).map(figureWords);
  return [
    ...(left === undefined
      ? []
      : [`The newest ${newest.length === 1 ? 'run says' : 'runs say'} nothing: ${left}`]),
    ...(kept.length > 0 && series.length === 0 ? ['The newest run has no figure.'] : []),
    ...(lacking.length > 0 ? [`The newest run lacks what runs before it have: ${listOf(lacking)}.`] : []),
    ...(open.length > 0
      ? [`Work was cut off that would have taken longer, so these may be worse: ${listOf(open)}.`]
      : []),
  ];
}

/** Figures that runs before the newest have and the newest lacks, in words. */
function lackingIn(kept: readonly KeptRun[]): string[] {
  const newest = kept.at(-1);
  if (newest === undefined) return [];
  const before = kept.slice(0, -1).slice(-lookedBack);
  const missing = new Map<string, { readonly one: Omit<Followed, 'isOpen'>; count: number }>();
  const count = (one: Omit<Followed, 'isOpen'>): void => {
    const known = missing.get(one.key) ?? { one, count: 0 };
    known.count++;
    missing.set(one.key, known);
  };
  for (const { figures, growth } of before) {
    for (const [key, { metric, tags, statistic }] of figures) {
      // Of parts one figure tells that the part is gone.
      const isTold = tags === undefined || statistic.startsWith('p(');
      if (isTold && !newest.figures.has(key))
        count({ key, figure: { metric, ...(tags !== undefined && { tags }), statistic } });
    }
    for (const key of growth.keys()) if (!newest.growth.has(key)) count({ key });
  }
  return [...missing.values()]
    .filter(({ one, count: had }) =>
      one.figure !== undefined && one.figure.tags === undefined ? had > 0 : had > before.length / 2,
    )
    .map(({ one }) => figureWords(one));
}

function figureWords({ key, figure }: Omit<Followed, 'isOpen'>): string {
  return figure === undefined ? `growth of ${key}` : comparedWords(figure);
}

function listOf(words: readonly string[]): string {
  const more = words.length - namedFigures;
  return [...words.slice(0, namedFigures), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
