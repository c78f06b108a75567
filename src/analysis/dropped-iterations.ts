// Iterations that the plan demanded and that never started, because no VU was free or time ran out.

import { isArrivalRate, peakRatePerSec } from '../executors/of-plan.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { formatCount, formatFigure } from '../text/format-figure.ts';
import { isOfStart } from './cut-off.ts';
import { countOfScenario, hasFixedIterations } from './measured.ts';

/** Above this share of the due iterations the planned load was not delivered, and the run answers nothing. */
export const droppedRatioLimit = 0.01;

/** Iterations of a scenario that fell due: those that finished, those cut off, and those dropped. */
interface DueIterations {
  readonly scenario: ScenarioPlan;
  readonly due: number;
  readonly dropped: number;
}

/** The scenarios whose plan fixes how many iterations start; for all others nothing can be dropped. */
function dueIterations(measured: Measurements): DueIterations[] {
  return measured.plan.scenarios.filter(hasFixedIterations).map((scenario) => {
    const dropped = countOfScenario(measured, 'dropped_iterations', scenario.name);
    const completed = countOfScenario(measured, 'iterations', scenario.name);
    return { scenario, due: dropped + completed + cutOffOf(measured, scenario.name), dropped };
  });
}

/** Iterations that began and did not end. */
function cutOffOf({ cutOff = [] }: Measurements, scenario: string): number {
  return cutOff
    .filter((one) => one.metric === 'iteration_duration' && one.tags.scenario === scenario && !isOfStart(one))
    .reduce((sum, { count }) => sum + count, 0);
}

/**
 * Dropped and due iterations over all scenarios, except the steps of a capacity search: the load of its last
 * step is meant to be too much.
 */
export function droppedOfPlan(measured: Measurements): { dropped: number; due: number } {
  const steps = new Set(measured.plan.search?.steps.map(({ scenario }) => scenario));
  const sum = { dropped: 0, due: 0 };
  for (const { scenario, due, dropped } of dueIterations(measured)) {
    if (steps.has(scenario.name)) continue;
    sum.dropped += dropped;
    sum.due += due;
  }
  return sum;
}

/** One finding per scenario that dropped iterations, with what would have sufficed. */
export function findDroppedIterations(measured: Measurements): Finding[] {
  const steps = new Set(measured.plan.search?.steps.map(({ scenario }) => scenario));
  return dueIterations(measured)
    .filter(({ dropped, scenario }) => dropped > 0 && !steps.has(scenario.name))
    .map(({ scenario, due, dropped }) => {
      const ratio = dropped / due;
      return {
        kind: 'dropped-iterations',
        severity: ratio > droppedRatioLimit ? 'critical' : 'warning',
        title: `${formatCount(dropped, 'iteration')} dropped`,
        detail: `Scenario ${scenario.name} dropped ${formatFigure(dropped, 'count')} of ${formatCount(due, 'due iteration')} (${formatFigure(ratio, 'ratio')}): ${causeOf(scenario)}.`,
        evidence: [
          { name: 'dropped_iterations', value: dropped, unit: 'count' },
          { name: 'share of due iterations dropped', value: ratio, unit: 'ratio', limit: droppedRatioLimit },
        ],
        advice: adviceFor(measured, scenario),
      };
    });
}

function causeOf({ executor }: ScenarioPlan): string {
  return isArrivalRate(executor)
    ? 'no VU was free when they were due'
    : 'the longest duration was over before they started';
}

/**
 * **Source:** Little's law (J. D. C. Little, 1961): mean number busy = arrival rate × mean time each takes. The
 * p(95) of the time in place of its mean leaves room for slow moments. Iterations that were dropped are missing
 * from the durations, so the need is a lower bound. A ramp counts by its highest rate.
 */
function adviceFor({ metrics, plan }: Measurements, { name, executor }: ScenarioPlan): string {
  if (!isArrivalRate(executor)) {
    return 'Allow a longer maximum duration, or fewer iterations or a shorter think time.';
  }
  const key = plan.scenarios.length === 1 ? 'iteration_duration' : `iteration_duration{scenario:${name}}`;
  const duration = metrics[key]?.values;
  if (duration === undefined || !('p(95)' in duration) || duration.count === 0) {
    return 'No iteration finished: check that the target answers before raising the number of VUs.';
  }
  const ratePerSec = peakRatePerSec(executor);
  const busy = Math.ceil((ratePerSec * duration.avg) / 1000);
  const needed = Math.max(executor.maxVUs + 1, Math.ceil((ratePerSec * duration['p(95)']) / 1000));
  const rate = formatFigure(ratePerSec, 'iterations/s');
  return (
    `Set maxVUs to at least ${needed} (rate × p(95) of iteration_duration), not ${executor.maxVUs}. ` +
    `By Little's law ${rate} of ${formatFigure(duration.avg, 'ms')} each keep ${formatCount(busy, 'VU')} busy on average; ` +
    `if ${needed} are busy again, the target cannot serve this rate.`
  );
}
