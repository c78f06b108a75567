// One running instance of a user: it carries out iterations when a scenario tells it to, and records them.

import type { HttpError } from '../model/context.ts';
import { StoppedError } from '../model/errors.ts';
import type { Row } from '../model/feeder.ts';
import type { Tags } from '../model/metric.ts';
import type { TaskFunction } from '../model/suite.ts';
import type { Cookies } from '../protocols/http/cookies.ts';
import type { ProtocolUser } from '../protocols/protocol.ts';
import type { Scope } from '../protocols/scope.ts';
import type { UserClients } from '../protocols/user-clients.ts';
import { monotonicMs } from '../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../time/timer.ts';
import { createContext, type OwnContext } from './context.ts';
import { drawTask, type UserClass } from './user-class.ts';
import type { VuIdentity } from './vu-identity.ts';
import type { WorkerDeps } from './worker-deps.ts';
import { DataEndedError } from './worker-feeders.ts';

/** What a scenario learns of its VUs. Each call is the last thing the VU does in that turn. */
export interface VuEvents {
  /** `onStart` is done, or an iteration is: the VU is free. */
  idle(vu: VirtualUser): void;
  /** The VU has ended and its connections are closed or closing. */
  ended(vu: VirtualUser): void;
}

/** Wait after an iteration when the suite's own think time throws. */
const failedThinkMs = 1000;
/** An `onStart` that lasts longer than this, and than half of the run, hangs. */
const leastHangMs = 1000;
/** How often `sleep` refuses after the end; further calls never settle. */
const maxRefusals = 10;

type State = 'new' | 'starting' | 'idle' | 'iterating' | 'stopping' | 'ended';

export class VirtualUser implements ProtocolUser {
  readonly userClass: UserClass;
  readonly identity: VuIdentity;
  readonly deps: WorkerDeps;
  readonly clients: UserClients;
  scope: Scope;
  /** For the scenario that drives it: finish what is running, then end. */
  draining = false;
  /** For the scenario that drives it: iterations begun so far. */
  startedCount = 0;
  thinkTimer: Timer | null = null;
  /** The end of the run has ended it in the middle of what it did. */
  wasCutOff = false;
  /** Process clock at which the last iteration ended; 0 before the first. */
  freeSinceMs = 0;
  /** It asked for a row and none was left: for the scenario that drives it, it is to end once it is idle. */
  outOfRows = false;
  /** The last iteration was not carried out, since no row was left for it. */
  hadNoRow = false;

  readonly #events: VuEvents;
  readonly #context: OwnContext;
  #sleepers: Set<() => void> | null = null;
  /** Of the running iteration, or of `onStart`, by feeder. */
  #rows: Map<string, Promise<Row>> | null = null;
  #state: State = 'new';
  /** Where the running iteration as a whole belongs; `scope` moves on into its groups and steps. */
  #iterationScope: Scope;
  #scheduledAtMs = -1;
  #startedAtMs = 0;
  #dueAtMs = -1;
  #refusedCount = 0;
  /** Made once: an iteration allocates no functions of its own. */
  readonly #onCompleted = (): void => this.#completed(false, null);
  readonly #onFailed = (thrown: unknown): void => this.#completed(true, thrown);

  constructor(userClass: UserClass, identity: VuIdentity, deps: WorkerDeps, events: VuEvents) {
    this.userClass = userClass;
    this.identity = identity;
    this.deps = deps;
    this.scope = userClass.startScope;
    this.#iterationScope = userClass.scope;
    this.#events = events;
    this.clients = deps.protocols.connect(this);
    this.#context = createContext(this);
  }

  get id(): number {
    return this.identity.id;
  }
  get cookies(): Cookies {
    return this.identity.cookies;
  }
  get idle(): boolean {
    return this.#state === 'idle';
  }
  get iterating(): boolean {
    return this.#state === 'iterating';
  }
  get stopping(): boolean {
    return this.#state === 'stopping';
  }
  get ended(): boolean {
    return this.#state === 'ended';
  }
  /** Process clock at which the running iteration began. */
  get startedAtMs(): number {
    return this.#startedAtMs;
  }

  takeScheduledAtMs(): number {
    const scheduledAtMs = this.#scheduledAtMs;
    this.#scheduledAtMs = -1;
    return scheduledAtMs;
  }

  /** Begins its life with the user's `onStart`; a failing one is reported and the VU goes on. */
  start(): void {
    const { onStart, startScope } = this.userClass;
    const { greeted } = this.identity;
    this.identity.greeted = true;
    if (onStart === undefined || greeted) {
      this.#state = 'idle';
      this.#events.idle(this);
      return;
    }
    this.#state = 'starting';
    this.#startedAtMs = monotonicMs();
    this.scope = startScope;
    const done = (): void => {
      if (this.#state !== 'starting') return;
      this.#state = 'idle';
      this.#events.idle(this);
    };
    this.#call(onStart).then(done, (thrown) => {
      this.#reportException(thrown, startScope.tags);
      done();
    });
  }

  /**
   * Carries out one iteration, which starts at `nowMs` (process clock). `dueAtMs` (the same clock) is when an
   * arrival-rate executor wanted it to start; -1 for the closed model, where an iteration is due when it starts.
   */
  iterate(nowMs: number, dueAtMs: number, iteration = this.identity.iteration + 1): void {
    this.identity.iteration = iteration;
    this.#context.iteration = iteration;
    this.startedCount++;
    this.#rows = null;
    this.#state = 'iterating';
    this.#startedAtMs = nowMs;
    this.#dueAtMs = dueAtMs;
    this.#scheduledAtMs = dueAtMs;
    let result: Promise<unknown>;
    if (this.userClass.mix === 'tasks') {
      const task = drawTask(this.userClass, this.identity.random);
      this.#iterationScope = task.scope;
      this.scope = task.scope;
      result = this.#call(task.run);
    } else {
      this.#iterationScope = this.userClass.scope;
      result = this.#runFlow();
    }
    result.then(this.#onCompleted, this.#onFailed);
  }

  async #runFlow(): Promise<void> {
    for (const step of this.userClass.tasks) {
      if (step.share < 1 && this.identity.random() >= step.share) continue;
      this.scope = step.scope;
      await step.run(this.#context);
    }
  }

  /** Calls user code; whatever it returns or throws becomes a promise. */
  #call(body: TaskFunction): Promise<unknown> {
    try {
      const result = body(this.#context);
      return result instanceof Promise ? result : Promise.resolve(result);
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  #completed(failed: boolean, thrown: unknown): void {
    if (this.#state !== 'iterating') return;
    if (thrown instanceof DataEndedError) {
      this.hadNoRow = true;
      this.#state = 'idle';
      this.#events.idle(this);
      return;
    }
    const series = this.userClass.iterationSeries(this.#iterationScope);
    const sinceMs = this.#dueAtMs >= 0 ? this.#dueAtMs : this.#startedAtMs;
    this.freeSinceMs = monotonicMs();
    series.duration.add(this.freeSinceMs - sinceMs);
    series.completed.add(1);
    if (failed) {
      series.failed.add(1);
      this.#reportException(thrown, this.scope.tags);
    }
    this.#state = 'idle';
    this.#events.idle(this);
  }

  #reportException(thrown: unknown, tags: Tags): void {
    if (thrown instanceof StoppedError) return;
    const { errors, clock, log } = this.deps;
    const stack = errors.addException(thrown, tags, clock.now());
    if (stack !== undefined) log.debug(stack);
  }

  /**
   * Ms to wait before the next iteration. One that cannot be had is a second: without any, an
   * error in a function would turn into a load that nobody asked for.
   */
  thinkMs(): number {
    try {
      return this.userClass.thinkMs(this.identity.random, this.#context);
    } catch (thrown) {
      this.#reportException(thrown, this.scope.tags);
      return failedThinkMs;
    }
  }

  /** Ends an idle VU in order: `onStop` first, then its connections are closed. */
  stop(): void {
    const { onStop, stopScope } = this.userClass;
    if (onStop === undefined || this.#state !== 'idle') {
      this.kill();
      return;
    }
    this.#state = 'stopping';
    this.scope = stopScope;
    this.#call(onStop).then(
      () => this.kill(),
      (thrown) => {
        this.#reportException(thrown, stopScope.tags);
        this.kill();
      },
    );
  }

  /** Ends the VU now, in the middle of whatever it does; user code that waits is woken with a `StoppedError`. */
  kill(): void {
    if (this.#state === 'iterating') this.#cutOffIteration();
    else if (this.#state === 'starting') this.#cutOffStart();
    if (this.#end()) this.#events.ended(this);
  }

  /** It has no outcome; how long it had taken by then is told beside those that have. */
  #cutOffIteration(): void {
    this.wasCutOff = true;
    const { meter } = this.deps;
    const tookMs = monotonicMs() - (this.#dueAtMs >= 0 ? this.#dueAtMs : this.#startedAtMs);
    const rests = (this.#sleepers?.size ?? 0) > 0 || this.clients.listens;
    const before = meter.cutCount;
    this.clients.close();
    const due = this.userClass.hasFixedIterations;
    const idle = rests || meter.cutCount > before ? ({ idle: true } as const) : {};
    this.#iterationScope.cutOff('iteration_duration', tookMs, { bound: 'waited', due, ...idle });
  }

  /** A user that hung in its `onStart` did nothing of what the plan demands; one that slept there chose to. */
  #cutOffStart(): void {
    this.wasCutOff = true;
    const tookMs = monotonicMs() - this.#startedAtMs;
    const sleeps = (this.#sleepers?.size ?? 0) > 0;
    // Users that came late are still at it.
    if (sleeps || tookMs < Math.max(leastHangMs, this.deps.clock.now() / 2)) return;
    this.userClass.startScope.cutOff('iteration_duration', tookMs, { bound: 'waited', due: true });
  }

  /**
   * Gives up the running iteration because it took too long, and with it this VU: returns the identity for
   * a successor. The iteration counts as completed and failed, with the time it has taken.
   */
  abandon(limitMs: number): VuIdentity {
    const { scope } = this;
    const series = this.userClass.iterationSeries(this.#iterationScope);
    series.duration.add(monotonicMs() - (this.#dueAtMs >= 0 ? this.#dueAtMs : this.#startedAtMs));
    series.completed.add(1);
    series.failed.add(1);
    const message = `the iteration took longer than its limit of ${limitMs} ms`;
    this.deps.errors.add('iteration', 'iteration_timeout', message, scope.tags, this.deps.clock.now());
    this.#end({ code: 'iteration_timeout', message });
    return this.identity;
  }

  /** `cause` is why its open requests count as failed; without it they are cut off by the end of the run. */
  #end(cause?: HttpError): boolean {
    if (this.#state === 'ended') return false;
    this.#state = 'ended';
    if (this.thinkTimer !== null) cancelTimer(this.thinkTimer);
    this.thinkTimer = null;
    for (const wake of this.#sleepers ?? []) wake();
    this.#sleepers = null;
    this.clients.close(cause);
    return true;
  }

  /** The `row` of its context: that of the iteration or of the user where the feeder says so, else another one. */
  async row(feeder: string): Promise<Row> {
    const { per } = this.deps.feeders.planOf(feeder);
    if (per === 'call') return await this.#takeRow(feeder);
    const kept = (per === 'user' ? this.identity.rowsOfUser : this.#rows) ?? new Map<string, Promise<Row>>();
    if (per === 'user') this.identity.rowsOfUser = kept;
    else this.#rows = kept;
    const row = kept.get(feeder) ?? this.#takeRow(feeder);
    kept.set(feeder, row);
    return await row;
  }

  async #takeRow(feeder: string): Promise<Row> {
    const { deps, userClass } = this;
    try {
      return await deps.feeders.take(feeder, this.identity);
    } catch (thrown) {
      if (thrown instanceof DataEndedError && !this.outOfRows && this.#state !== 'ended') {
        this.outOfRows = true;
        deps.feeders.userEnded(feeder);
        deps.onDataEnded(feeder, userClass.scenario);
      }
      throw thrown;
    }
  }

  /** The `sleep` of its context. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#state === 'ended') {
        // As with requests: code that tries for ever must not keep the event loop for itself.
        if (this.#refusedCount++ < maxRefusals) reject(new StoppedError());
        return;
      }
      // The iteration waits of its own will, so its first request is due that much later.
      if (this.#scheduledAtMs >= 0) this.#scheduledAtMs += ms;
      const timer = startTimer(() => {
        this.#sleepers?.delete(wake);
        resolve();
      }, ms);
      const wake = (): void => {
        cancelTimer(timer);
        reject(new StoppedError());
      };
      this.#sleepers ??= new Set();
      this.#sleepers.add(wake);
    });
  }
}
