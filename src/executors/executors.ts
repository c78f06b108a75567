// All executors, one line each, and the types of what suites and plans say of them. Engine side: engine/executors/.

import { capacitySearch } from './capacity-search.ts';
import { constantArrivalRate } from './constant-arrival-rate.ts';
import { constantVus } from './constant-vus.ts';
import type { LoadForm, LoadModel } from './executor.ts';
import { externallyControlled } from './externally-controlled.ts';
import { perVuIterations } from './per-vu-iterations.ts';
import { rampingArrivalRate } from './ramping-arrival-rate.ts';
import { rampingVus } from './ramping-vus.ts';
import { sharedIterations } from './shared-iterations.ts';

/** In the order in which messages list them. */
export const executors = {
  'constant-vus': constantVus,
  'ramping-vus': rampingVus,
  'per-vu-iterations': perVuIterations,
  'shared-iterations': sharedIterations,
  'constant-arrival-rate': constantArrivalRate,
  'ramping-arrival-rate': rampingArrivalRate,
  'externally-controlled': externallyControlled,
} as const;

/** What a suite may write that becomes several scenarios. */
const searches = { 'capacity-search': capacitySearch } as const;

type Executors = typeof executors;
type Searches = typeof searches;
export type ExecutorKind = keyof Executors;

type PlanOf<Executor> = Executor extends { makePlan(definition: never): infer Plan } ? Plan : never;
type DefinitionOf<Form> = Form extends LoadForm<infer Definition> ? Definition : never;
type PlansOf<Model extends LoadModel> = {
  [Kind in ExecutorKind]: Executors[Kind]['model'] extends Model ? PlanOf<Executors[Kind]> : never;
}[ExecutorKind];

/** What one scenario writes of its load. */
export type LoadDefinition = DefinitionOf<(Executors & Searches)[keyof (Executors & Searches)]>;
/** What a capacity search writes of its load. */
export type SearchDefinition = DefinitionOf<Searches[keyof Searches]>;

/** The same of a scenario that is no search. */
export type ScenarioLoad = Exclude<LoadDefinition, SearchDefinition>;

/** When iterations start. All times are ms from the start of the scenario. */
export type ExecutorPlan = PlansOf<LoadModel>;
/** VUs that loop when the plan says. */
export type VuExecutorPlan = PlansOf<'closed'>;
/** Iterations that start when they are due, whatever the target does. */
export type ArrivalExecutorPlan = PlansOf<'open'>;
/** VUs that loop, as many as are asked for while the run goes on. */
export type ControlledExecutorPlan = PlansOf<'controlled'>;

/** The forms that a scenario's load may take, by what stands as its `executor`. */
export function loadForms(): ReadonlyMap<string, LoadForm<LoadDefinition>> {
  return new Map(Object.entries({ ...executors, ...searches })) as ReadonlyMap<
    string,
    LoadForm<LoadDefinition>
  >;
}
