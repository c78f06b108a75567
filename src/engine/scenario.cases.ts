// What the tests of scenarios share: one scenario on several workers within this process, with users whose code the
// test writes, and a count of everything they do.

import type { TaskContext } from '../model/context.ts';
import type { Tags } from '../model/metric.ts';
import type { Plan, ScenarioPlan } from '../model/plan.ts';
import type { HookDefinition, ScenarioDefinition, SuiteDefinition, UserDefinition } from '../model/suite.ts';
import { makePlan } from '../plan/plan.ts';
import { KeepingMeter } from '../protocols/http/keeping-client.cases.ts';
import { openProtocols } from '../protocols/open-protocols.ts';
import { protocols } from '../protocols/registry.ts';
import { machineMs } from '../time/clock.ts';
import { delay } from '../time/timer.ts';
import { inVirtualTime } from '../time/virtual-time.cases.ts';
import { ErrorLog } from './error-log.ts';
import { createScenarioRun } from './executors/executors.ts';
import type { ScenarioRun } from './executors/scenario-run.ts';
import { createTimerWaker } from './metronome.ts';
import { RunClock } from './run-clock.ts';
import { createUserClass } from './user-class.ts';
import { VuCount } from './vu-count.ts';
import type { WorkerDeps } from './worker-deps.ts';
import { WorkerFeeders } from './worker-feeders.ts';

/** What is done to the run while it goes on, at run times in ms. */
export interface Stop {
  readonly atMs: number;
  readonly mode: 'drain' | 'cut';
  readonly graceMs?: number;
}

export interface Ended {
  readonly scenario: ScenarioPlan;
  /** Iterations whose code was called. */
  readonly started: number;
  /** Iterations whose code came to its end, in whatever way, before its user had ended. */
  readonly finished: number;
  readonly completed: number;
  /** Begun, and told to have been cut off. */
  readonly cutOff: number;
  /** Tags of every sample of iterations as a whole. */
  readonly iterationTags: readonly Tags[];
  readonly dropped: number;
  /** The most of the users' functions that ran at one time. */
  readonly mostAtOnce: number;
  /** Sum over the workers of the most VUs each had at a time. */
  readonly vuPeak: number;
  /** Users at work after the end, by the count that is told. */
  readonly vusAtEnd: number;
  /** Run times just before and after each stop; both before all when it came before the start. */
  readonly stoppedAt: readonly (readonly [number, number])[];
  readonly elapsedMs: number;
}

type Users = Readonly<Record<string, UserDefinition>>;

/** Counts the calls of the users' own functions. */
class CallCount {
  started = 0;
  finished = 0;
  mostAtOnce = 0;
  #running = 0;

  around(body: HookDefinition | undefined, isTask: boolean) {
    if (typeof body !== 'function') return body;
    return async (context: TaskContext): Promise<void> => {
      if (isTask) this.started++;
      this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#running);
      let wasStopped = false;
      try {
        await body(context);
      } catch (thrown) {
        wasStopped = (thrown as Error).name === 'StoppedError';
        throw thrown;
      } finally {
        this.#running--;
        if (isTask && !wasStopped) this.finished++;
      }
    };
  }

  users(users: Users): Users {
    const counted = Object.entries(users).map(([name, { tasks, ...user }]) => [
      name,
      {
        ...user,
        onStart: this.around(user.onStart, false),
        onStop: this.around(user.onStop, false),
        tasks: Object.fromEntries(
          Object.entries(tasks ?? {}).map(([task, definition]) => [
            task,
            { ...definition, run: this.around(definition.run, true) },
          ]),
        ),
      },
    ]);
    return Object.fromEntries(counted) as Users;
  }
}

// Loading a client waits for the disk, which virtual time knows nothing of.
await Promise.all(protocols.map(({ load }) => load()));

interface RunOptions {
  readonly workers?: number;
  readonly stops?: readonly Stop[];
  readonly seed?: number;
}

/** Runs one scenario to its end in virtual time, on `workers` workers. */
export function runScenario(
  users: Users,
  load: ScenarioDefinition,
  options: RunOptions = {},
): Promise<Ended> {
  return inVirtualTime(() => runHere(users, load, options));
}

async function runHere(
  users: Users,
  load: ScenarioDefinition,
  { workers = 1, stops = [], seed = 1 }: RunOptions,
): Promise<Ended> {
  const calls = new CallCount();
  const suite: SuiteDefinition = {
    name: 'scenario',
    baseUrl: 'http://127.0.0.1:1',
    users: calls.users(users),
    profiles: { load },
  };
  const plan = makePlan(suite, 'load', { workers, seed, environment: 'default' });
  const scenario = plan.scenarios[0]!;
  const meter = new KeepingMeter();
  const clock = new RunClock();
  const busy = new VuCount(meter.gauge());
  const metronome = { createWaker: createTimerWaker, close() {} };
  const allDeps = await Promise.all(
    Array.from({ length: workers }, (_, worker) => createDeps(meter, clock, plan, worker)),
  );
  clock.startAt(machineMs() + 10);
  let running = workers;
  let end = (): void => {};
  const allEnded = new Promise<void>((resolve) => {
    end = resolve;
  });
  const runs = allDeps.map((deps, worker): ScenarioRun => {
    const options = {
      scenario,
      classes: scenario.users.map((user) => createUserClass(suite, 'load', scenario, user, deps)),
      deps,
      seed,
      worker,
      workerCount: workers,
      vus: busy,
      metronome,
      resume: undefined,
      onFinished: () => {
        if (--running === 0) end();
      },
    };
    return createScenarioRun(options);
  });
  const stoppedAt: [number, number][] = [];
  const stop = ({ atMs, mode, graceMs = 0 }: Stop): void => {
    const before = atMs < 0 ? Number.NEGATIVE_INFINITY : clock.now();
    for (const run of runs) {
      if (mode === 'cut') run.cut();
      else run.drain(graceMs);
    }
    stoppedAt.push([before, atMs < 0 ? before : clock.now()]);
  };
  for (const one of stops) if (one.atMs < 0) stop(one);
  await delay(Math.max(0, -clock.now()));
  for (const run of runs) run.start();
  const stopping = (async () => {
    for (const one of stops) {
      if (one.atMs < 0) continue;
      await delay(Math.max(0, one.atMs - clock.now()));
      stop(one);
    }
  })();
  await allEnded;
  const elapsedMs = clock.now();
  await stopping;
  // What is still under way must not change the figures any more.
  await delay(20);
  const sum = (metric: string): number => meter.values(metric).reduce((total, value) => total + value, 0);
  return {
    scenario,
    started: calls.started,
    finished: calls.finished,
    completed: sum('iterations'),
    cutOff: meter.waits.get('iteration_duration')?.length ?? 0,
    iterationTags: meter.samples.flatMap(({ metric, tags }) => (/^iteration/.test(metric) ? [tags] : [])),
    dropped: sum('dropped_iterations'),
    mostAtOnce: calls.mostAtOnce,
    vuPeak: runs.reduce((total, { vuPeakCount }) => total + vuPeakCount, 0),
    vusAtEnd: busy.count,
    stoppedAt,
    elapsedMs,
  };
}

async function createDeps(
  meter: KeepingMeter,
  clock: RunClock,
  plan: Plan,
  worker: number,
): Promise<WorkerDeps> {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const protocols = await openProtocols({
    plan,
    secrets: { http: {} },
    userAgent: 'plimsoll/test',
    guard: undefined,
    worker,
    onFailure() {},
    onWarning() {},
  });
  return {
    meter,
    protocols,
    feeders: new WorkerFeeders({ plans: [], sources: new Map(), ask() {}, now: () => 0 }),
    onDataEnded: () => {},
    onFinding: () => {},
    errors: new ErrorLog(),
    clock,
    log,
    env: {},
    onOverflow: () => {},
    hookSessions: new Set(),
    data: undefined,
  };
}
