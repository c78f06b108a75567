// The result of a capacity search in words, for findings and verdicts.

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
    return 'The capacity search has no result';
  }
  if (highest === undefined) {
    const heldOnce = adaptive !== undefined && steps.some(({ outcome }) => outcome === 'held');
    return heldOnce
      ? 'No load of the capacity search met the thresholds in the end'
      : 'No step of the capacity search met the thresholds';
  }
  return `Capacity: ${firstBroken === undefined ? 'at least ' : ''}${formatFigure(highest.load, unit)}`;
}

function adviceOf({ highest, firstBroken, limit }: Capacity): string | undefined {
  if (limit !== undefined && firstBroken === undefined) {
    return 'The load generator was the bottleneck: give it more cores and workers, or drive the load from another machine.';
  }
  if (firstBroken !== undefined || highest === undefined) return undefined;
  return 'No step failed: start another search at this load, with a higher maximum, to find the limit.';
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
    sentences.push('No step of the capacity search met the thresholds to its end.');
  } else {
    const load = formatFigure(highest.load, unit);
    const achieved = formatFigure(highest.achievedPerSec, 'iterations/s');
    sentences.push(`The highest load that met the thresholds was ${load} (${achieved} finished).`);
  }
  if (limit !== undefined) {
    const load = formatFigure(limit.load, unit);
    sentences.push(`At ${load}, the load generator was the bottleneck: ${limit.reason}`);
  }
  if (firstBroken !== undefined) {
    sentences.push(`At ${formatFigure(firstBroken.load, unit)}, the step failed: ${firstBroken.reason}`);
  } else if (steps.at(-1)?.outcome === 'cut-short') {
    const { load, reason } = steps.at(-1)!;
    const how = reason === '' ? 'was cut short.' : `does not count: ${reason}`;
    sentences.push(`The step at ${formatFigure(load, unit)} ${how}`);
  } else {
    sentences.push('No step failed.');
  }
  return sentences;
}

function adaptiveSentences(
  { highest, firstBroken, limit, unit, steps: tried }: Capacity,
  { result, stepCount, endedBy }: NonNullable<Capacity['adaptive']>,
): string[] {
  const figure = ({ load }: SearchStep): string => formatFigure(load, unit);
  const steps = formatCount(stepCount, 'step');
  const upTo = highest === undefined ? [] : [`By then, ${figure(highest)} had met the thresholds.`];
  if (result === undefined) {
    const why = endedBy === undefined ? '.' : `: ${endedBy}`;
    return [`The search ended after ${steps} without a result${why}`, ...upTo];
  }
  switch (result.kind) {
    case 'unsettled':
      return [
        `The search ended after ${steps} without a result: the same loads met the thresholds in one step and broke them in another.`,
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
        `The target carries at least ${formatFigure(result.safe, unit)}; above ${formatFigure(result.limit, unit)}, the load generator is the bottleneck.`,
        ...(limit === undefined || limit.reason === '' ? [] : [limit.reason]),
        `A second step confirmed that load${finished(highest)}. No step failed.`,
      ];
    case 'at-least':
      return [
        `The target carries at least ${formatFigure(result.safe, unit)}${finished(highest)}, the highest load that the search was allowed to try.`,
        'No step failed.',
      ];
    case 'found':
      return [
        `The safe load is ${formatFigure(result.safe, unit)}${finished(highest)}: it met the thresholds, and a second step confirmed it.`,
        ...breakingSentence(firstBroken, figure),
      ];
  }
}

/** A target that stops or wears down breaks at last what it held before: that is no breaking point. */
function noneSentences(heldAtFirst: readonly string[], breaking: readonly string[]): string[] {
  const loads = [...new Set(heldAtFirst)];
  if (loads.length === 0) return ['No load met the thresholds.', ...breaking];
  return [
    `In the end, no load met the thresholds, although earlier steps did (${loads.join(', ')}): the target stopped, or became slower during the search.`,
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
  const what = objective === '' ? '' : ` The first limit to break: ${objective}.`;
  return [`The breaking point is ${figure(firstBroken)}: ${reason}${what}`];
}

/** One sentence for each lower limit that the load found does not reach. */
export function unreachedSentences({ highest, firstBroken, unreached, unit }: Capacity): string[] {
  if (highest === undefined) return [];
  const load = formatFigure(highest.load, unit);
  return unreached.map((one) => {
    const found = `${subjectWords(one)} ${actualWords(one)} at ${load} (${limitWords(one)})`;
    return firstBroken === undefined
      ? `${found}: no load of the search reached this limit.`
      : `${found}: no load that meets the other thresholds reaches this limit.`;
  });
}
