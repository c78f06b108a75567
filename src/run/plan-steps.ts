// The plans of all profiles of a command, before any of them is run: what does not fit one of them is told before there is
// load. Called by `plimsoll run`.

import type { Plan } from '../model/plan.ts';
import type { CourseStep } from '../plan/course.ts';
import type { Overrides } from '../plan/overrides.ts';
import { planProfile } from '../plan/plan.ts';
import type { LoadedSuite } from '../suite/suite.ts';
import { readTargetParts } from '../target-kit/target-registry.ts';

export interface PlannedStep extends CourseStep {
  readonly plan: Plan;
}

/** Throws the `UsageError` of the first profile that cannot be planned. */
export async function planSteps(
  { definition, environment, data }: LoadedSuite,
  steps: readonly CourseStep[],
  options: { readonly overrides: Overrides; readonly workers: number; readonly seed: number },
): Promise<PlannedStep[]> {
  const { overrides, workers, seed } = options;
  const targetParts = await readTargetParts(overrides.baseUrl ?? definition.baseUrl);
  return steps.map((step) => {
    const given = { ...overrides, workers, seed, environment, targetParts, data: data.plans };
    return { ...step, plan: planProfile(definition, step.profile, given).plan };
  });
}
