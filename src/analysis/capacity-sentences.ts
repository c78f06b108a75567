// What a capacity search came to, in words: for findings and verdicts.

import type { Measurements } from '../model/run-record.ts';
import type { Evidence, Finding } from '../model/verdict.ts';
import { formatCount, formatFigure } from '../text/format-figure.ts';
import { type Capacity, findCapacity, type SearchStep } from './capacity.ts';
import { actualWords, limitWords, subjectWords } from './threshold-words.ts';

/** The finding of a capacity search; none when the plan has no search. */
export function capacityFindings(measured: Measurements): Finding[] {
  const capacity = findCapacity(measured);
  if (capacity === undefined) return [];
  const { highest, firstBroken, limit, unit } = capacity;
  const evidence: Evidence[] = [];
  if (highest !== undefined) {
    evidence.push(
      { name: 'highest load that held', value: highest.load, unit },
      { name: 'achieved at that load', value: highest.achievedPerSec, unit: 'iterations/s' },
    );
  }
  if (firstBroken !== undefined) {
    evidence.push({ name: 'lowest load that broke', value: firstBroken.load, unit });
  }
  if (limit !== undefined) {
    evidence.push({ name: 'lowest load that the generator could not drive', value: limit.load, unit });
  }
  const advice = adviceOf(capacity);
  return [
    {
      kind: 'capacity',
      severity: 'info',
      title: titleOf(capacity),
      detail: [...capacitySentences(capacity), ...unreachedSentences(capacity)].join(' '),
      evidence,
      ...(advice !== undefined && { advice }),
    },
  ];
}

function titleOf({ adaptive, highest, firstBroken, unit, steps }: Capacity): string {
  const isOver = adaptive === undefined || adaptive.result !== undefined;
  const kind = adaptive?.result?.kind;
  if (!isOver || kind === 'inconclusive' || kind === 'unsettled') {
    return 'The capacity search came to no result';
  }
  if (highest === undefined) {
    const heldOnce = adaptive !== undefined && steps.some(({ outcome }) => outcome === 'held');
    return heldOnce
      ? 'No load of the capacity search held in the end'
      : 'No step of the capacity search held';
  }
  return `Capacity: ${firstBroken === undefined ? 'at least ' : ''}${formatFigure(highest.load, unit)}`;
}

function adviceOf({ highest, firstBroken, limit }: Capacity): string | undefined {
  if (limit !== undefined && firstBroken === undefined) {
    return 'The load generator is the limit here: give it more cores and workers, or drive the load from another machine.';
  }
  if (firstBroken !== undefined || highest === undefined) return undefined;
  return 'Nothing broke: search again from here with a higher maximum to find the limit.';
}

/** Whether a search has an answer: a load that held, and nothing left open about it. */
export function hasResult({ highest, adaptive }: Capacity): boolean {
  if (highest === undefined) return false;
  return adaptive === undefined || (adaptive.result !== undefined && adaptive.result.kind !== 'unsettled');
}

/** The result of a search as sentences, for findings and verdicts. */
export function capacitySentences(capacity: Capacity): string[] {
  const { highest, firstBroken, limit, steps, unit, adaptive } = capacity;
  if (adaptive !== undefined) return adaptiveSentences(capacity, adaptive);
  const sentences: string[] = [];
  if (highest === undefined) {
    sentences.push('No step of the capacity search ran to its end within its limits.');
  } else {
    const load = formatFigure(highest.load, unit);
    const achieved = formatFigure(highest.achievedPerSec, 'iterations/s');
    sentences.push(`The highest load that held was ${load} (${achieved} finished).`);
  }
  if (limit !== undefined) {
    const load = formatFigure(limit.load, unit);
    sentences.push(`At ${load} this generator was the limit: ${limit.reason}`);
  }
  if (firstBroken !== undefined) {
    sentences.push(`At ${formatFigure(firstBroken.load, unit)} it broke: ${firstBroken.reason}`);
  } else if (steps.at(-1)?.outcome === 'cut-short') {
    const { load, reason } = steps.at(-1)!;
    const how = reason === '' ? 'was cut short.' : `does not count: ${reason}`;
    sentences.push(`The step at ${formatFigure(load, unit)} ${how}`);
  } else {
    sentences.push('No step broke a limit.');
  }
  return sentences;
}

function adaptiveSentences(
  { highest, firstBroken, limit, unit, steps: tried }: Capacity,
  { result, stepCount, endedBy }: NonNullable<Capacity['adaptive']>,
): string[] {
  const figure = ({ load }: SearchStep): string => formatFigure(load, unit);
  const steps = formatCount(stepCount, 'step');
  const upTo = highest === undefined ? [] : [`Up to then, ${figure(highest)} held.`];
  if (result === undefined) {
    const why = endedBy === undefined ? '.' : `: ${endedBy}`;
    return [`The search ended after ${steps}, before it came to a result${why}`, ...upTo];
  }
  switch (result.kind) {
    case 'unsettled':
      return [
        `The search ended after ${steps} without a result: the same loads held at one time and broke at another.`,
        ...upTo,
      ];
    case 'inconclusive':
      return [
        `The load generator could not drive even ${formatFigure(result.load, unit)}, so the search ended after ${steps} without a result.`,
        ...breakingSentence(firstBroken, figure),
      ];
    case 'none':
      return noneSentences(tried.filter(({ outcome }) => outcome === 'held').map(figure), [
        ...breakingSentence(firstBroken, figure),
      ]);
    case 'generator-limit':
      return [
        `At least ${formatFigure(result.safe, unit)} held; above ${formatFigure(result.limit, unit)} this generator is the limit.`,
        ...(limit === undefined || limit.reason === '' ? [] : [limit.reason]),
        `The load that held was confirmed${finished(highest)}; no step broke an objective.`,
      ];
    case 'at-least':
      return [
        `At least ${formatFigure(result.safe, unit)} held${finished(highest)}: the search was allowed no more.`,
        'No step broke an objective.',
      ];
    case 'found':
      return [
        `The safe load is ${formatFigure(result.safe, unit)}${finished(highest)}: it held, and held again when confirmed.`,
        ...breakingSentence(firstBroken, figure),
      ];
  }
}

/** A target that stops or wears down breaks at last what it held before: that is no breaking point. */
function noneSentences(heldAtFirst: readonly string[], breaking: readonly string[]): string[] {
  const loads = [...new Set(heldAtFirst)];
  if (loads.length === 0) return ['No load that was tried held.', ...breaking];
  return [
    `No load held in the end, though the search began with loads that did (${loads.join(', ')}): the target has stopped, or became slower while the search went on.`,
  ];
}

function finished(step: SearchStep | undefined): string {
  return step === undefined ? '' : ` (${formatFigure(step.achievedPerSec, 'iterations/s')} finished)`;
}

function breakingSentence(
  firstBroken: SearchStep | undefined,
  figure: (step: SearchStep) => string,
): string[] {
  if (firstBroken === undefined) return [];
  const { objective, reason } = firstBroken;
  const what = objective === '' ? '' : ` The objective that broke first: ${objective}.`;
  return [`The breaking point is ${figure(firstBroken)}: ${reason}${what}`];
}

/** One sentence for each floor that is not reached at the load found: it is no objective that this load meets. */
export function unreachedSentences({ highest, firstBroken, unreached, unit }: Capacity): string[] {
  if (highest === undefined) return [];
  const load = formatFigure(highest.load, unit);
  return unreached.map((one) => {
    const found = `${subjectWords(one)} ${actualWords(one)} at ${load} (${limitWords(one)})`;
    return firstBroken === undefined
      ? `${found}: no load that was tried is enough for that.`
      : `${found}: no load that holds reaches that.`;
  });
}
