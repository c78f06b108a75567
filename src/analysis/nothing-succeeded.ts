// A run in which nothing at all succeeded has failed, whether or not its profile has a threshold that says so.
// Called by verdict.ts.

import type { Measurements } from '../model/run-record.ts';
import { protocols } from '../protocols/registry.ts';
import { formatCount } from '../text/format-figure.ts';
import { countOf } from './measured.ts';

/** Rates that are 1 for what failed, and what one of their samples is called. */
const outcomes = protocols.flatMap((protocol) => protocol.outcomes);

/**
 * The sentence for a run whose every operation failed, or whose every iteration threw; `undefined` when something
 * succeeded, or when a threshold on that very metric says what the profile wants of it.
 */
export function nothingSucceeded(measured: Measurements): string | undefined {
  const judged = new Set(measured.plan.thresholds.map(({ metric }) => metric));
  const iterations = countOf(measured, 'iterations');
  if (
    iterations > 0 &&
    countOf(measured, 'iterations_failed') === iterations &&
    !judged.has('iterations_failed')
  ) {
    return `${all(iterations, 'iteration')} failed: see its errors.`;
  }
  const used = outcomes.flatMap(({ failed: metric, noun }) => {
    const values = measured.metrics[metric]?.values;
    // Thresholds make a metric appear in the record without any sample.
    const sampled = values !== undefined && 'passes' in values && values.passes + values.fails > 0;
    return sampled ? [{ metric, noun, ...values }] : [];
  });
  const first = used[0];
  if (first === undefined || used.some(({ metric, fails }) => fails > 0 || judged.has(metric)))
    return undefined;
  return `${all(first.passes, first.noun)} failed: see its errors.`;
}

function all(count: number, noun: string): string {
  return count === 1 ? `The only ${noun}` : `Each of ${formatCount(count, noun)}`;
}
