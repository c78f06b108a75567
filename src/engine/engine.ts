// The coordinator: starts the workers, gives them the plan and a common start, hands on what they measure,
// and ends the run. It drives no load itself.

import type { ErrorGroup } from '../model/error-group.ts';
import { exitCodes, messageOf, PlimsollError, TargetError } from '../model/errors.ts';
import type { HttpSecrets } from '../model/http-secrets.ts';
import type { MetricWindow } from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import type { WorkerHealth } from '../model/run-record.ts';
import { machineMs } from '../time/clock.ts';
import type { Control, FromWorker, LogLevel, StopMode, WorkerStage } from './messages.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

export interface EngineOptions {
  readonly plan: Plan;
  readonly bundlePath: string;
  /** Variables set in every worker beside the process's own. */
  readonly env: Readonly<Record<string, string>>;
  readonly userAgent: string;
  /** Handed to the workers, and to nothing else. */
  readonly httpSecrets: HttpSecrets;
  readonly hasSetup: boolean;
  readonly hasTeardown: boolean;
  readonly onStarted: () => void;
  readonly onWindow: (window: MetricWindow, errors: readonly ErrorGroup[]) => void;
  readonly onLog: (level: LogLevel, message: string) => void;
}

export interface EngineResult {
  /** From the start of the run to the end of the last scenario. */
  readonly durationMs: number;
  readonly workers: readonly WorkerHealth[];
}

/** Workers that are starting or running; created early so that they boot while the suite is still loading. */
export interface Engine {
  /** Runs the plan to its end. Rejects with a `TargetError` when setup fails, before any load. */
  run(options: EngineOptions): Promise<EngineResult>;
  /** Changes an externally-controlled scenario; before the start, what it is to be like when it starts. */
  control(control: Control): void;
  /** Ends the run early: `drain` lets iterations finish for `graceMs`, `cut` does not. */
  stop(mode: StopMode, graceMs: number): void;
  /** Ends all worker processes that still live. */
  close(): void;
}

/** Time for the start message to reach every worker before run time 0. */
const startLeadMs = 15;
/** Beyond the plan's own longest duration, a worker that does not come to an end is given this long. */
const overrunMs = 10_000;
const setupLimitMs = 60_000;
const exitLimitMs = 5_000;
/** Beyond the grace of a stop, a worker that does not come to an end is given this long. */
const stopLimitMs = 5_000;

type WorkerState = 'booting' | 'prepared' | 'running' | 'finished' | 'gone';

class Worker {
  readonly index: number;
  readonly process: WorkerProcess;
  state: WorkerState = 'booting';
  cpuMs = 0;
  peakMemoryBytes = 0;
  saidBye = false;

  constructor(index: number, process: WorkerProcess) {
    this.index = index;
    this.process = process;
  }
}

/** Starts the coordinator with `count` worker processes, which boot at once. */
export function createEngine(workerEntry: string, count: number): Engine {
  return new ProcessEngine(workerEntry, count);
}

class ProcessEngine implements Engine {
  readonly #workers: Worker[] = [];
  readonly #waiters = new Set<() => void>();
  readonly #replies = new Map<FromWorker['kind'], unknown>();
  #options: EngineOptions | undefined;
  #failure: PlimsollError | undefined;
  readonly #controls = new Map<string, Control>();
  #startedAtMs = 0;
  #stopping: { readonly mode: StopMode; readonly graceMs: number } | undefined;
  #stopTimer: NodeJS.Timeout | undefined;
  #settingUp = false;
  #interruptTeardown: (() => void) | undefined;
  /** A worker that is stuck in user code would outlive the coordinator. */
  readonly #onExit = (): void => this.#killAll();

  constructor(workerEntry: string, count: number) {
    for (let index = 0; index < count; index++) {
      const process = startWorkerProcess(workerEntry, {
        message: (message) => this.#receive(this.#workers[index]!, message),
        output: (line) => this.#options?.onLog('info', line),
        gone: (reason) => this.#lost(this.#workers[index]!, reason),
      });
      this.#workers.push(new Worker(index, process));
    }
    process.once('exit', this.#onExit);
  }

  async run(options: EngineOptions): Promise<EngineResult> {
    this.#options = options;
    const { plan } = options;
    // The plan may want fewer workers than were started before it was known.
    for (const spare of this.#workers.splice(plan.workers)) spare.process.kill();
    for (const worker of this.#workers) {
      worker.process.send({
        kind: 'prepare',
        plan,
        bundlePath: options.bundlePath,
        worker: worker.index,
        env: options.env,
        userAgent: options.userAgent,
        httpSecrets: options.httpSecrets,
      });
    }
    await this.#until(
      () => this.#workers.every(({ state }) => state !== 'booting'),
      setupLimitMs,
      'loading the suite',
    );
    const data = options.hasSetup ? await this.#ask('setup', 'setup-done') : undefined;
    this.#start(data);
    options.onStarted();
    const limitMs = plan.maxDurationMs + overrunMs;
    await this.#until(() => this.#allEnded(), limitMs, 'the end of the plan').catch((error: unknown) => {
      options.onLog('error', `${messageOf(error)}; the workers are stopped`);
      return this.#endStuckWorkers();
    });
    clearTimeout(this.#stopTimer);
    const failure = this.#failure;
    this.#failure = undefined;
    const durationMs = machineMs() - this.#startedAtMs;
    if (options.hasTeardown) await this.#teardown();
    await this.#dismiss();
    if (failure !== undefined) throw failure;
    return { durationMs, workers: this.#workers.map(health) };
  }

  #start(data: unknown): void {
    this.#startedAtMs = machineMs() + startLeadMs;
    for (const worker of this.#workers) {
      if (worker.state === 'gone') continue;
      worker.state = 'running';
      worker.process.send({ kind: 'start', atMachineMs: this.#startedAtMs, data });
      for (const control of this.#controls.values()) worker.process.send({ kind: 'control', control });
    }
    if (this.#stopping !== undefined) this.stop(this.#stopping.mode, this.#stopping.graceMs);
  }

  control(control: Control): void {
    this.#controls.set(control.scenario, control);
    for (const { process, state } of this.#workers) {
      if (state === 'running') process.send({ kind: 'control', control });
    }
  }

  stop(mode: StopMode, graceMs: number): void {
    this.#stopping = { mode, graceMs };
    for (const { process } of this.#workers) process.send({ kind: 'stop', mode, graceMs });
    if (this.#startedAtMs > 0) {
      clearTimeout(this.#stopTimer);
      this.#stopTimer = setTimeout(() => void this.#endStuckWorkers(), graceMs + stopLimitMs);
      if (mode === 'cut') this.#interruptTeardown?.();
    } else if (mode === 'cut') {
      this.#failure ??= new PlimsollError(exitCodes.interrupted, 'interrupted before any load was driven');
      this.#wake();
    }
  }

  /** A worker whose event loop stands still hears of no stop: it is killed, and counts as lost. */
  async #endStuckWorkers(): Promise<void> {
    for (const { state, process } of this.#workers) if (state === 'running') process.kill();
    await this.#until(() => this.#allEnded(), exitLimitMs, 'the workers').catch(() => {});
  }

  async #teardown(): Promise<void> {
    const interrupted = new Promise<never>((_resolve, reject) => {
      this.#interruptTeardown = () => reject(new Error('interrupted'));
    });
    await Promise.race([this.#ask('teardown', 'teardown-done'), interrupted]).catch((error: unknown) => {
      this.#failure = undefined;
      this.#options?.onLog('error', `teardown failed: ${messageOf(error)}`);
    });
  }

  /** Asks the first worker alive for something that is done once per run. */
  async #ask(kind: 'setup' | 'teardown', reply: 'setup-done' | 'teardown-done'): Promise<unknown> {
    const worker = this.#workers.find(({ state }) => state !== 'gone');
    if (worker === undefined) throw new TargetError(`no worker is left to run ${kind}`);
    worker.process.send({ kind });
    this.#settingUp = kind === 'setup';
    await this.#until(() => this.#replies.has(reply) || worker.state === 'gone', setupLimitMs, kind);
    return this.#replies.get(reply);
  }

  /** Lets the workers send their last window and end by themselves; those that do not are killed. */
  async #dismiss(): Promise<void> {
    for (const { process } of this.#workers) process.send({ kind: 'exit' });
    await this.#until(
      () => this.#workers.every(({ state }) => state === 'gone'),
      exitLimitMs,
      'the workers',
    ).catch(() => {});
    this.close();
  }

  close(): void {
    clearTimeout(this.#stopTimer);
    process.off('exit', this.#onExit);
    this.#killAll();
  }

  #killAll(): void {
    for (const worker of this.#workers) if (worker.state !== 'gone') worker.process.kill();
  }

  #allEnded(): boolean {
    return this.#workers.every(({ state }) => state === 'finished' || state === 'gone');
  }

  #receive(worker: Worker, message: FromWorker): void {
    switch (message.kind) {
      case 'booted':
        break;
      case 'prepared':
        worker.state = 'prepared';
        break;
      case 'window':
        this.#options?.onWindow(message.window, message.errors);
        break;
      case 'finished':
        worker.state = 'finished';
        break;
      case 'log':
        this.#options?.onLog(message.level, message.message);
        break;
      case 'bye':
        worker.saidBye = true;
        worker.cpuMs = message.cpuMs;
        worker.peakMemoryBytes = message.peakMemoryBytes;
        break;
      case 'setup-done':
        this.#replies.set('setup-done', message.data);
        break;
      case 'teardown-done':
        this.#replies.set('teardown-done', true);
        break;
      case 'failed':
        this.#failure = stageError(message.stage, message.message, message.stack);
        break;
    }
    this.#wake();
  }

  #lost(worker: Worker, reason: string): void {
    const early = !worker.saidBye && worker.state !== 'gone';
    const loading = worker.state === 'booting' || worker.state === 'prepared';
    worker.state = 'gone';
    // Once the run has failed, its workers are killed on purpose.
    if (early && this.#failure === undefined) {
      this.#options?.onLog('error', `worker ${worker.index} was lost: ${reason}`);
      if (loading && this.#settingUp) {
        this.#failure = new TargetError(`a worker was lost during the suite's setup: ${reason}`);
      } else if (loading) {
        this.#failure ??= new PlimsollError(exitCodes.internal, `a worker could not start: ${reason}`, {
          hint: 'its last output is in run.log; code that runs while the suite is loaded must not end the process',
        });
      }
    }
    this.#wake();
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }

  /** Resolves once `done` holds; rejects when a stage failed before the run, or after `limitMs`. */
  #until(done: () => boolean, limitMs: number, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const failure = this.#failure;
        if (failure !== undefined) finish(() => reject(failure));
        else if (done()) finish(resolve);
      };
      const timer = setTimeout(() => {
        finish(() => reject(new TargetError(`${what} took longer than ${Math.round(limitMs / 1000)} s`)));
      }, limitMs);
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#waiters.delete(check);
        settle();
      };
      this.#waiters.add(check);
      check();
    });
  }
}

function stageError(stage: WorkerStage, message: string, stack: string): PlimsollError {
  switch (stage) {
    case 'setup':
      return new TargetError(`the suite's setup failed: ${message}`, { hint: stack });
    case 'prepare':
      return new PlimsollError(exitCodes.usage, `the suite could not be loaded in a worker: ${message}`, {
        hint: stack,
      });
    case 'teardown':
    case 'run':
      return new PlimsollError(exitCodes.internal, `${stage} failed: ${message}`, { hint: stack });
  }
}

function health(worker: Worker): WorkerHealth {
  const { index, cpuMs, peakMemoryBytes, saidBye } = worker;
  return { index, pid: worker.process.pid, cpuMs, peakMemoryBytes, completed: saidBye };
}
