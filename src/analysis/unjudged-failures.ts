// What failed in a run although nothing in its profile says how much may fail: operations, iterations and checks. Called
// by verdict.ts. A run with fast errors has good response times, and would pass by its other thresholds.

import type { Measurements } from '../model/run-record.ts';
import { protocols } from '../protocols/registry.ts';
import { formatCount, formatFigure } from '../text/format-figure.ts';
import { countOf } from './measured.ts';

/** Up to this share is what a healthy system shows now and then; the usual objective for errors is below 1 %. */
const toleratedRatio = 0.01;

/** Pieces of one kind that had an outcome. */
interface Outcome {
  /** The metric that a threshold would be on. */
  readonly metric: string;
  /** What one piece is called. */
  readonly noun: string;
  readonly failed: number;
  readonly total: number;
}

/** Rates that are 1 for what failed, and what one of their samples is called. */
const operations = protocols.flatMap((protocol) => protocol.outcomes);

/** The outcomes of what the run recorded, operations first, and of these only what no threshold is on. */
function unjudged(measured: Measurements): Outcome[] {
  const judged = new Set(measured.plan.thresholds.map(({ metric }) => metric));
  return outcomesOf(measured).filter(({ metric, total }) => total > 0 && !judged.has(metric));
}

function outcomesOf(measured: Measurements): Outcome[] {
  const checks = sharesOf(measured, 'checks');
  return [
    ...operations.map(({ failed: metric, noun }) => {
      const { passes, fails } = sharesOf(measured, metric);
      return { metric, noun, failed: passes, total: passes + fails };
    }),
    {
      metric: 'iterations_failed',
      noun: 'iteration',
      failed: countOf(measured, 'iterations_failed'),
      total: countOf(measured, 'iterations'),
    },
    { metric: 'checks', noun: 'check', failed: checks.fails, total: checks.passes + checks.fails },
  ];
}

/** Thresholds make a metric appear in the record without any sample. */
function sharesOf(measured: Measurements, metric: string): { passes: number; fails: number } {
  const values = measured.metrics[metric]?.values;
  return values !== undefined && 'passes' in values ? values : { passes: 0, fails: 0 };
}

/**
 * The sentence for a run in which nothing at all succeeded: each iteration threw, each operation failed, or each check
 * did. `undefined` when something succeeded, or when a threshold on that very metric says what the profile wants of it.
 */
export function nothingSucceeded(measured: Measurements): string | undefined {
  const open = unjudged(measured);
  const isLost = ({ failed, total }: Outcome): boolean => failed === total;
  const lost = (metric: string): Outcome | undefined =>
    open.find((one) => one.metric === metric && isLost(one));
  const sent = outcomesOf(measured).filter(({ metric, total }) => total > 0 && isOperation(metric));
  const isAnyLeft = sent.some(({ metric }) => lost(metric) === undefined);
  const first = lost('iterations_failed') ?? (isAnyLeft ? undefined : sent[0]) ?? lost('checks');
  return first && wholeSentence(first);
}

function isOperation(metric: string): boolean {
  return operations.some(({ failed }) => failed === metric);
}

function wholeSentence({ metric, noun, total }: Outcome): string {
  const all = total === 1 ? `The only ${noun}` : `Each of ${formatCount(total, noun)}`;
  return `${all} failed: see its ${metric === 'checks' ? 'checks' : 'errors'}.`;
}

/**
 * A sentence for each kind of which more than 1 % failed, though no threshold is on its metric. There is none in a search
 * for capacity, which drives a target until it fails, and with a threshold on `recovery_time`, which expects an outage.
 */
export function unjudgedFailureSentences(measured: Measurements): string[] {
  const expectsOutage = measured.plan.thresholds.some(({ metric }) => metric === 'recovery_time');
  if (expectsOutage || measured.plan.search !== undefined) return [];
  return unjudged(measured)
    .filter(({ failed, total }) => failed > total * toleratedRatio)
    .map(
      ({ metric, noun, failed, total }) =>
        `${formatFigure(failed, 'count')} of ${formatCount(total, noun)} (${formatFigure(failed / total, 'ratio')}) ` +
        `failed, and no threshold on ${metric} says how many may.`,
    );
}
