// Plans with objectives for the tests of this folder: each objective on thresholds that the plan has as well.

import { seriesKey } from '../model/metric.ts';
import type { ClassPlan, ObjectivePlan } from '../model/objective.ts';
import type { Plan, ThresholdPlan } from '../model/plan.ts';

export interface ObjectiveCase extends Partial<Omit<ObjectivePlan, 'thresholds'>> {
  readonly on: readonly ThresholdPlan[];
}

/** The parts of a plan that has these objectives, by name. */
export function objectivesOn(
  cases: Readonly<Record<string, ObjectiveCase>>,
): Required<Pick<Plan, 'thresholds' | 'objectives'>> {
  return {
    thresholds: Object.values(cases).flatMap(({ on }) => on),
    objectives: Object.entries(cases).map(([name, { on, ...changes }]) => ({
      name,
      title: name,
      dimension: 'other',
      weight: 1,
      profiles: ['smoke'],
      thresholds: on.map(({ metric, tags, expression, level }) => ({
        series: seriesKey(metric, tags),
        expression,
        level: level === 'target' ? 'target' : 'critical',
      })),
      ...changes,
    })),
  };
}

/** Classes of a percentile: excellent, good and acceptable below these limits. */
export function classesOf(series: string, p: number, ...limits: readonly number[]): ClassPlan {
  return {
    series,
    aggregation: { kind: 'percentile', p },
    limits: limits.map((limit, i) => ({
      class: (['excellent', 'good', 'acceptable'] as const)[i]!,
      expression: `p(${p})<${limit}`,
      operator: '<',
      limit,
    })),
  };
}
