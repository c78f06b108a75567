// Checks that the tasks ran in the planned proportions.

import { seriesKey } from '../model/metric.ts';
import type { ScenarioPlan, UserPlan } from '../model/plan.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { deviates } from '../stats/chi-square.ts';
import { formatCount, formatFigure } from '../text/format-figure.ts';

/** Deviations below one percentage point do not matter, however significant many samples make them. */
const leastDeviation = 0.01;

/** One finding per user of a scenario whose weighted tasks were not run in proportion to their weights. */
export function findMixDeviations(measured: Measurements): Finding[] {
  return measured.plan.scenarios.flatMap((scenario) =>
    scenario.users
      .filter(({ mix, tasks }) => mix === 'tasks' && tasks.length > 1)
      .flatMap((user) => mixDeviation(measured, scenario, user) ?? []),
  );
}

function mixDeviation(measured: Measurements, scenario: ScenarioPlan, user: UserPlan): Finding | undefined {
  const several = measured.plan.scenarios.length > 1;
  const counts = user.tasks.map((task) => {
    const tags = { ...(several && { scenario: scenario.name }), user: user.name, task: task.name };
    const values = measured.metrics[seriesKey('iterations', tags)]?.values;
    return values !== undefined && 'count' in values ? values.count : 0;
  });
  const total = counts.reduce((sum, count) => sum + count, 0);
  const weightSum = user.tasks.reduce((sum, task) => sum + task.share, 0);
  const planned = user.tasks.map((task) => task.share / weightSum);
  if (total === 0 || !deviates(counts, planned)) return undefined;
  const observed = counts.map((count) => count / total);
  const worst = Math.max(...observed.map((share, i) => Math.abs(share - planned[i]!)));
  if (worst < leastDeviation) return undefined;
  const shares = user.tasks.map(
    (task, i) =>
      `${task.name} ${formatFigure(observed[i]!, 'ratio')} (planned ${formatFigure(planned[i]!, 'ratio')})`,
  );
  return {
    kind: 'mix-deviation',
    severity: 'warning',
    title: `The task mix of user ${user.name} is not as planned`,
    detail: `In scenario ${scenario.name}, ${formatCount(total, 'iteration')} of ${user.name} were: ${shares.join(', ')}. Chance alone does this less than once in a thousand runs.`,
    evidence: user.tasks.map((task, i) => ({
      name: `share of task ${task.name}`,
      value: observed[i]!,
      unit: 'ratio',
      limit: planned[i]!,
    })),
    advice:
      'Slow tasks are cut off at the end of a run before they count: check whether they outlast the run, or time out.',
  };
}
