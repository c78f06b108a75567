// A user of the suite joined with its part in the plan: what a virtual user of this class does, and where
// the samples of each of its tasks go. One per scenario and worker, shared by all its VUs.

import { inspect } from 'node:util';
import { fixedIterationsOf } from '../executors/of-plan.ts';
import type { TaskContext } from '../model/context.ts';
import { assertNever } from '../model/errors.ts';
import type { CounterRecorder, TrendRecorder } from '../model/metric.ts';
import type { ScenarioPlan, UserPlan } from '../model/plan.ts';
import type { SuiteDefinition, TaskFunction, UserDefinition } from '../model/suite.ts';
import { Scope } from '../protocols/scope.ts';
import { compileHook, compileRequests } from '../suite/declarative.ts';
import { parseDuration } from '../time/duration.ts';
import type { WorkerDeps } from './worker-deps.ts';

export interface Task {
  readonly name: string;
  readonly run: TaskFunction;
  readonly scope: Scope;
  /** `tasks`: cumulative weight up to and with this task, as a share of all. `flow`: its probability. */
  readonly share: number;
}

/** Recorders of whole iterations. */
export interface IterationSeries {
  readonly completed: CounterRecorder;
  readonly failed: CounterRecorder;
  readonly duration: TrendRecorder;
}

export interface UserClass {
  readonly name: string;
  readonly scenario: string;
  readonly mix: 'tasks' | 'flow';
  /** The plan says how many iterations are to be done. */
  readonly hasFixedIterations: boolean;
  readonly tasks: readonly Task[];
  readonly onStart: TaskFunction | undefined;
  readonly onStop: TaskFunction | undefined;
  /** Where requests of `onStart`, `onStop` and of a flow between its steps belong. */
  readonly scope: Scope;
  readonly startScope: Scope;
  readonly stopScope: Scope;
  /** Wait after an iteration, in ms. */
  thinkMs(random: () => number, context: TaskContext): number;
  iterationSeries(scope: Scope): IterationSeries;
}

/** Creates the class of one user of a scenario. */
export function createUserClass(
  suite: SuiteDefinition,
  profile: string,
  scenario: ScenarioPlan,
  user: UserPlan,
  deps: WorkerDeps,
): UserClass {
  const definition = suite.users[user.name]!;
  const scope = new Scope(
    deps.meter,
    { ...scenario.tags, scenario: scenario.name, user: user.name },
    deps.onOverflow,
  );
  const totalShare = user.tasks.reduce((sum, task) => sum + task.share, 0);
  let cumulative = 0;
  const tasks = user.tasks.map(({ name, share }): Task => {
    cumulative += share / totalShare;
    return {
      name,
      run: taskFunction(suite, definition, name),
      scope: scope.with({ task: name }),
      share: user.mix === 'tasks' ? cumulative : share,
    };
  });
  const series = new Map<Scope, IterationSeries>();
  return {
    name: user.name,
    scenario: scenario.name,
    mix: user.mix,
    hasFixedIterations: fixedIterationsOf(scenario.executor) !== undefined,
    tasks,
    onStart: compileHook(definition.onStart, suite),
    onStop: compileHook(definition.onStop, suite),
    scope,
    startScope: scope.with({ task: 'onStart' }),
    stopScope: scope.with({ task: 'onStop' }),
    thinkMs: thinkTime(user, () => thinkFunction(suite, profile, scenario.name, definition)),
    iterationSeries(of) {
      let found = series.get(of);
      if (found === undefined) {
        found = {
          completed: of.counter('iterations'),
          failed: of.counter('iterations_failed'),
          duration: of.trend('iteration_duration'),
        };
        series.set(of, found);
      }
      return found;
    },
  };
}

function taskFunction(suite: SuiteDefinition, user: UserDefinition, name: string): TaskFunction {
  const task = user.tasks?.[name] ?? user.flow![name]!;
  return task.run ?? compileRequests(task.requests!, suite);
}

type ThinkFunction = (context: TaskContext) => number;

/** The suite's own think-time function for a user: the scenario's when it has one, else the user's. */
function thinkFunction(
  suite: SuiteDefinition,
  profileName: string,
  scenarioName: string,
  user: UserDefinition,
): ThinkFunction {
  const profile = suite.profiles[profileName]!;
  let { thinkTime: found } = 'executor' in profile ? profile : user;
  if ('scenarios' in profile) found = profile.scenarios[scenarioName]?.thinkTime;
  else if ('phases' in profile) found = profile.phases.find(({ name }) => name === scenarioName)?.thinkTime;
  return (typeof found === 'function' ? found : user.thinkTime) as ThinkFunction;
}

function thinkTime(user: UserPlan, ofSuite: () => ThinkFunction): UserClass['thinkMs'] {
  const plan = user.thinkTime;
  switch (plan.kind) {
    case 'none':
      return () => 0;
    case 'fixed':
      return () => plan.ms;
    case 'uniform': {
      const spanMs = plan.maxMs - plan.minMs;
      return (random) => plan.minMs + random() * spanMs;
    }
    case 'suite': {
      const decide = ofSuite();
      return (_random, context) => {
        const decided: unknown = decide(context);
        if (typeof decided === 'number' && decided < 0) return 0;
        const ms = parseDuration(decided);
        if (ms === undefined)
          throw new TypeError(`think time must be ms or a duration, got ${inspect(decided)}`);
        return ms;
      };
    }
    default:
      return assertNever(plan);
  }
}

/** The task of the next iteration: one draw, linear search over few tasks. */
export function drawTask(userClass: UserClass, random: () => number): Task {
  const { tasks } = userClass;
  const draw = random();
  for (let i = 0; i < tasks.length - 1; i++) {
    if (draw < tasks[i]!.share) return tasks[i]!;
  }
  return tasks[tasks.length - 1]!;
}
