// Which profiles of a course fit into a time: said before any of them is run. Pure. Called by cli/run.ts.

import { formatDuration } from '../time/duration.ts';
import type { CourseStep } from './course.ts';

interface TimedStep extends CourseStep {
  readonly plan: { readonly durationMs: number };
}

/** A run also starts its workers, tries its target and writes its reports. */
const besideLoadMs = 5000;

/** How long a profile takes, with all its repetitions. */
function lengthInBudget({ plan }: TimedStep, repeat: number): number {
  return (plan.durationMs + besideLoadMs) * repeat;
}

/**
 * Why each profile is left out that does not fit, in the order of the course: a later one that is shorter may still fit, but not
 * one that needs what is left out.
 */
export function leftOutOfBudget(
  steps: readonly TimedStep[],
  budgetMs: number,
  repeat: number,
): ReadonlyMap<string, string> {
  const leftOut = new Map<string, string>();
  let leftMs = budgetMs;
  for (const step of steps) {
    const missing = step.needs.filter((one) => leftOut.has(one));
    const lengthMs = lengthInBudget(step, repeat);
    if (missing.length > 0) {
      leftOut.set(step.profile, `It needs ${missing.join(' and ')}, which the time budget leaves out.`);
    } else if (lengthMs > leftMs) {
      const left = formatDuration(Math.max(0, Math.round(leftMs)));
      leftOut.set(
        step.profile,
        `It takes about ${formatDuration(Math.round(lengthMs))}, and ${left} of the time budget of ${formatDuration(budgetMs)} were left.`,
      );
    } else leftMs -= lengthMs;
  }
  return leftOut;
}
