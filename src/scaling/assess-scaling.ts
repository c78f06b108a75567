// The door of this folder: a policy against a run. What would it have done, what does it do in a simulation, and what would
// an HPA? The section report/view/scaling.ts and find-scaling.ts call it.

import type { Measurements } from '../model/run-record.ts';
import type { ScalingPlan } from '../model/scaling.ts';
import { signalName } from './find-signals.ts';
import { type HpaOfPolicy, hpaOfPolicy } from './hpa-of-rules.ts';
import { curveOfRun, curveOfStages, type LoadCurve } from './load-curve.ts';
import { type Replay, replayScaling, withInstances } from './replay.ts';
import { hpaScaler, ruleScaler, unmodelled } from './scalers.ts';
import { type Simulation, simulateScaling } from './simulate.ts';
import { type ModelOfSystem, modelOfSystem } from './system-model.ts';

export interface SimulatedPolicy {
  readonly simulation: Simulation;
  /** Figures that the model does not have: rules on them never act, targets of an HPA on them are left out. */
  readonly unmodelled: readonly string[];
}

export interface ScalingAssessment {
  readonly policy: ScalingPlan;
  readonly replay: Replay;
  readonly hpa: HpaOfPolicy;
  /** Why there is no simulation, in a sentence; absent when there is one. */
  readonly refusal?: string;
  readonly simulated?: {
    readonly load: Pick<LoadCurve, 'title' | 'cautions'>;
    readonly model: ModelOfSystem;
    readonly rules: SimulatedPolicy;
    /** Absent where there is no HPA, or none of its targets is in the model. */
    readonly hpa?: SimulatedPolicy;
  };
}

/** `instances`: how many ran during the test, as `withInstances` takes it. */
export function assessScaling(
  measured: Measurements,
  policy: ScalingPlan,
  instances?: number,
): ScalingAssessment {
  const told = withInstances(policy, instances);
  const replay = replayScaling(measured, told);
  const hpa = hpaOfPolicy(told);
  const base = { policy: told, replay, hpa };
  const model = modelOfSystem(measured, told, instances);
  if ('refusal' in model) return { ...base, refusal: model.refusal };
  const { load } = told.simulation;
  const curve = load === undefined ? curveOfRun(measured) : curveOfStages(load);
  if (curve === undefined) {
    return { ...base, refusal: 'The run has no load to simulate with: state scaling.simulation.load.' };
  }
  // A run that began before any instance was up says nothing of a policy that keeps some at all times.
  const start = Math.max(1, told.minInstances, replay.startInstances);
  const words = told.rules
    .filter(({ action }) => action.kind !== 'resize')
    .flatMap(({ conditions }) => conditions.map(signalName));
  const rules = {
    simulation: simulateScaling(curve, model.system, start, ruleScaler(told, model.intervalMs, model)),
    unmodelled: unmodelled(words, model.system, model),
  };
  const ofHpa = simulatedHpa(hpa, curve, model, start);
  return {
    ...base,
    simulated: {
      load: { title: curve.title, cautions: curve.cautions },
      model,
      rules,
      ...(ofHpa !== undefined && { hpa: ofHpa }),
    },
  };
}

function simulatedHpa(
  { plan }: HpaOfPolicy,
  curve: LoadCurve,
  model: ModelOfSystem,
  start: number,
): SimulatedPolicy | undefined {
  if (plan?.maxReplicas === undefined) return undefined;
  const names = plan.targets.map(({ metric }) => metric);
  const left = unmodelled(names, model.system, model);
  // One that cannot be read would keep the HPA from going down, which says nothing about the real one.
  const targets = plan.targets.filter(({ metric }) => !left.includes(metric));
  if (targets.length === 0) return undefined;
  const first = Math.min(plan.maxReplicas, Math.max(plan.minReplicas, start));
  const simulation = simulateScaling(curve, model.system, first, hpaScaler({ ...plan, targets }, model));
  return { simulation, unmodelled: left };
}
