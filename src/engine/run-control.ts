// The handle by which whoever drives a run changes it while it goes on. run/run-profile.ts hands it out.

import type { ControlledExecutorPlan } from '../executors/executors.ts';
import { isControlled } from '../executors/of-plan.ts';
import { UsageError } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import type { Control } from './messages.ts';

/** What externally-controlled scenarios are asked to be like, over all workers. */
export type ControlState = Control;

/**
 * Changes the externally-controlled scenarios of a run. Without `scenario` a call means all of them; naming one
 * that is not externally controlled, or having none, is a `UsageError`. Calls take effect within the time that a
 * message to the workers takes.
 */
export interface RunControl {
  /** The state asked for last, one entry per externally-controlled scenario. */
  state(): readonly ControlState[];
  /**
   * Sets how many VUs there are: missing ones start, those too many finish their iteration within the graceful
   * stop. Throws a `UsageError` unless `vus` is a whole number from 0 to the scenario's `maxVUs`.
   */
  setVus(vus: number, scenario?: string): void;
  /** Starts no iteration until `resume`; running ones finish, and the VUs keep their connections and sessions. */
  pause(scenario?: string): void;
  resume(scenario?: string): void;
}

interface Controlled {
  readonly executor: ControlledExecutorPlan;
  state: ControlState;
}

/** The handle of a run; `send` takes each new state to the workers. */
export function createRunControl(plan: Plan, send: (control: Control) => void): RunControl {
  const all = plan.scenarios.flatMap(({ name, executor }): Controlled[] =>
    isControlled(executor) ? [{ executor, state: { scenario: name, vus: executor.vus, paused: false } }] : [],
  );
  const meant = (scenario: string | undefined): Controlled[] => {
    const some = scenario === undefined ? all : all.filter(({ state }) => state.scenario === scenario);
    if (some.length > 0) return some;
    const which = scenario === undefined ? 'no scenario' : `no scenario ${scenario}`;
    throw new UsageError(`the profile ${plan.profile} has ${which} that is externally controlled`);
  };
  const change = (some: readonly Controlled[], changes: Partial<ControlState>): void => {
    for (const one of some) {
      one.state = { ...one.state, ...changes };
      send(one.state);
    }
  };
  return {
    state: () => all.map(({ state }) => state),
    setVus(vus, scenario) {
      const some = meant(scenario);
      for (const { executor, state } of some) {
        if (Number.isInteger(vus) && vus >= 0 && vus <= executor.maxVUs) continue;
        throw new UsageError(
          `${vus} VUs for ${state.scenario}: expected 0 to its maxVUs, ${executor.maxVUs}`,
        );
      }
      change(some, { vus });
    },
    pause: (scenario) => change(meant(scenario), { paused: true }),
    resume: (scenario) => change(meant(scenario), { paused: false }),
  };
}
