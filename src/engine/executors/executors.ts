// What drives each executor: the engine's side of executors/executors.ts, one line each.

import type { ExecutorKind, ExecutorPlan } from '../../executors/executors.ts';
import { ClosedRun } from './closed.ts';
import { ControlledRun } from './controlled.ts';
import { OpenRun } from './open.ts';
import type { ScenarioRun, ScenarioRunOptions } from './scenario-run.ts';

type Driver<Kind extends ExecutorKind> = new (
  options: ScenarioRunOptions,
  executor: Extract<ExecutorPlan, { kind: Kind }>,
) => ScenarioRun;

export const drivers: { readonly [Kind in ExecutorKind]: Driver<Kind> } = {
  'constant-vus': ClosedRun,
  'ramping-vus': ClosedRun,
  'per-vu-iterations': ClosedRun,
  'shared-iterations': ClosedRun,
  'constant-arrival-rate': OpenRun,
  'ramping-arrival-rate': OpenRun,
  'externally-controlled': ControlledRun,
};

/** One scenario's part in one worker, ready to start. */
export function createScenarioRun(options: ScenarioRunOptions): ScenarioRun {
  const { executor } = options.scenario;
  // The compiler cannot know that a driver looked up by the kind of a plan takes that plan.
  const Run = drivers[executor.kind] as new (
    options: ScenarioRunOptions,
    executor: ExecutorPlan,
  ) => ScenarioRun;
  return new Run(options, executor);
}
