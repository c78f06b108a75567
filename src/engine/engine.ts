// The coordinator: starts the workers, gives them the plan and a common start, hands on what they measure,
// and ends the run. It drives no load itself.

import { exitCodes, messageOf, PlimsollError, TargetError } from '../model/errors.ts';
import { machineMs } from '../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../time/timer.ts';
import type { Engine, EngineOptions, EngineResult } from './engine-contract.ts';
import { comebackSentence, GapLog, lossSentence, refusalOf } from './gap-log.ts';
import { Gate } from './gate.ts';
import type { Control, FromWorker, StopMode } from './messages.ts';
import { RowDesk } from './row-desk.ts';
import { stageError } from './stage-error.ts';
import { startLeadMs } from './start-lead.ts';
import { SuiteStages, stageLimitMs } from './suite-stages.ts';
import { Worker } from './worker-book.ts';
import { startWorkerProcess } from './worker-process.ts';

export type { Engine } from './engine-contract.ts';

/** Beyond the plan's own longest duration, a worker that does not come to an end is given this long. */
const overrunMs = 10_000;
const exitLimitMs = 5_000;
/** Beyond the grace of a stop, a worker that does not come to an end is given this long. */
const stopLimitMs = 5_000;
/** How long after the plan's end a replacement may still come; it then only says what was missed. */
const lateArrivalMs = 1000;

/** Starts the coordinator with `count` worker processes, which boot at once. */
export function createEngine(workerEntry: string, count: number): Engine {
  return new ProcessEngine(workerEntry, count);
}

class ProcessEngine implements Engine {
  /** Every process of the run, also those that are gone. */
  readonly #workers: Worker[] = [];
  readonly #workerEntry: string;
  readonly #gaps = new GapLog();
  readonly #gate = new Gate();
  readonly #stages = new SuiteStages(this.#gate, {
    workers: this.#workers,
    replace: (last) => this.#replace(last),
    onLog: (level, message) => this.#options?.onLog(level, message),
  });
  #options: EngineOptions | undefined;
  #rows: RowDesk | undefined;
  readonly #controls = new Map<string, Control>();
  #startedAtMs = 0;
  #stopping: { readonly mode: StopMode; readonly graceMs: number } | undefined;
  #stopTimer: Timer | undefined;
  /** What `setup` returned. */
  #data: unknown;
  /** No process takes the place of a lost one any more. */
  #ending = false;
  /** A worker that is stuck in user code would outlive the coordinator. */
  readonly #onExit = (): void => this.#killAll();

  constructor(workerEntry: string, count: number) {
    this.#workerEntry = workerEntry;
    for (let index = 0; index < count; index++) this.#boot(index, 0);
    process.once('exit', this.#onExit);
  }

  #boot(index: number, generation: number, predecessor?: Worker): Worker {
    const started = startWorkerProcess(this.#workerEntry, {
      message: (message) => this.#receive(worker, message),
      output: (line) => this.#options?.onLog('info', line),
      gone: (reason) => this.#lost(worker, reason),
    });
    const worker = new Worker(index, generation, started, predecessor);
    this.#workers.push(worker);
    return worker;
  }

  /** Another process in the place of one that is gone. */
  #replace(last: Worker): Worker {
    const worker = this.#boot(last.index, last.generation + 1, last);
    this.#prepare(worker, this.#options!);
    return worker;
  }

  async run(options: EngineOptions): Promise<EngineResult> {
    this.#options = options;
    const { plan } = options;
    this.#rows = new RowDesk(options, this.#workers);
    // The plan may want fewer workers than were started before it was known.
    for (const spare of this.#workers.splice(plan.workers)) {
      spare.state = 'gone';
      spare.process.kill();
    }
    for (const worker of this.#workers) this.#prepare(worker, options);
    await this.#gate.until(
      () => this.#workers.every(({ state }) => state !== 'booting'),
      stageLimitMs,
      'loading the suite',
    );
    if (options.hasSetup) this.#data = await this.#stages.setUp();
    this.#start();
    options.onStarted(this.#startedAtMs);
    const limitMs = plan.maxDurationMs + overrunMs;
    await this.#gate
      .until(() => this.#allEnded(), limitMs, 'the end of the plan')
      .catch((error: unknown) => {
        options.onLog('error', `${messageOf(error)}; the workers are stopped`);
        return this.#endStuckWorkers();
      });
    cancelTimer(this.#stopTimer);
    this.#ending = true;
    const failure = this.#gate.failure;
    this.#gate.failure = undefined;
    const durationMs = machineMs() - this.#startedAtMs;
    await options.onLoadEnded();
    if (options.hasTeardown) await this.#stages.tearDown();
    await this.#dismiss();
    if (failure !== undefined) throw failure;
    const workers = this.#workers.map((worker) => worker.health());
    return { durationMs, workers, gaps: this.#gaps.gaps, feeders: this.#rows.records() };
  }

  #prepare({ index, generation, process }: Worker, options: EngineOptions): void {
    const { plan, bundle, dataFiles, env, userAgent, guard, secrets } = options;
    const sender = index + generation * plan.workers;
    const told = { plan, bundle, dataFiles, env, userAgent, guard, secrets };
    process.send({ kind: 'prepare', ...told, worker: index, sender });
  }

  #askForClock({ process }: Worker): void {
    process.send({ kind: 'clock', sentMs: machineMs() });
  }

  #start(): void {
    this.#startedAtMs = machineMs() + startLeadMs(this.#options!.plan);
    for (const worker of this.#workers) {
      if (worker.state !== 'gone') this.#startWorker(worker);
    }
    if (this.#stopping !== undefined) this.stop(this.#stopping.mode, this.#stopping.graceMs);
  }

  /** A replacement goes on where the lost process was by its last window, from now on. */
  #startWorker(worker: Worker): void {
    worker.state = 'running';
    const { generation, progress } = worker;
    const lostAtMs = this.#gaps.openOf(worker.index)?.fromMs ?? 0;
    worker.process.send({
      kind: 'start',
      atMachineMs: this.#startedAtMs + worker.clock.offsetMs,
      data: this.#data,
      controls: [...this.#controls.values()],
      ...(generation > 0 && { resume: { generation, lostAtMs, progress } }),
    });
    this.#rows!.welcome(worker);
    // Nothing is left to drive: it is there for the teardown.
    if (this.#ending) worker.process.send({ kind: 'stop', mode: 'cut', graceMs: 0 });
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
      // After the load, one may boot for the teardown.
      if (!this.#ending || mode === 'cut') this.#giveUp();
      cancelTimer(this.#stopTimer);
      this.#stopTimer = startTimer(() => void this.#endStuckWorkers(), graceMs + stopLimitMs);
      if (mode === 'cut') this.#stages.interrupt();
    } else if (mode === 'cut') {
      this.#gate.failure ??= new PlimsollError(
        exitCodes.interrupted,
        'interrupted before any load was driven',
      );
      this.#gate.wake();
    }
  }

  /** A worker whose event loop stands still hears of no stop: it is killed, and counts as lost. */
  async #endStuckWorkers(): Promise<void> {
    this.#ending = true;
    this.#giveUp();
    for (const { state, process } of this.#workers) if (state === 'running') process.kill();
    await this.#gate.until(() => this.#allEnded(), exitLimitMs, 'the workers').catch(() => {});
  }

  /** Lets the workers send their last window and end by themselves; those that do not are killed. */
  async #dismiss(): Promise<void> {
    this.#giveUp();
    for (const { process } of this.#workers) process.send({ kind: 'exit' });
    const allGone = (): boolean => this.#workers.every(({ state }) => state === 'gone');
    await this.#gate.until(allGone, exitLimitMs, 'the workers').catch(() => {});
    this.close();
  }

  close(): void {
    cancelTimer(this.#stopTimer);
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
    // What a process still says when it has been given up changes nothing.
    if (worker.state === 'gone') return;
    switch (message.kind) {
      case 'booted':
        break;
      case 'prepared':
        this.#askForClock(worker);
        break;
      case 'clock':
        worker.clock.add({ ...message, receivedMs: machineMs() });
        if (!worker.clock.isKnown) {
          this.#askForClock(worker);
          break;
        }
        worker.state = 'prepared';
        if (worker.generation > 0) this.#startWorker(worker);
        break;
      case 'resumed':
        this.#tookOver(worker, message.atMs);
        break;
      case 'window':
        worker.note(message);
        this.#options?.onWindow(message.window, message.errors);
        this.#rows?.note(worker, message.feeders);
        break;
      case 'ask-rows':
      case 'return-rows':
      case 'data-ended':
        this.#rows?.receive(worker, message);
        break;
      case 'finished':
        worker.state = 'finished';
        break;
      case 'refused':
        this.#options?.onRefused(message.refusal);
        break;
      case 'finding':
        this.#options?.onFinding(message.finding);
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
      case 'teardown-done':
        this.#stages.done(message);
        break;
      case 'failed':
        if (worker.generation > 0 && worker.state !== 'finished') {
          // What was measured before is worth more than the reason why a replacement cannot go on.
          this.#options?.onLog('error', `${message.stage} failed in a worker: ${message.stack}`);
          worker.process.kill();
        } else {
          this.#gate.failure = stageError(message.stage, message.message, message.stack);
        }
        break;
    }
    this.#gate.wake();
  }

  #lost(worker: Worker, reason: string): void {
    const { state } = worker;
    worker.state = 'gone';
    this.#rows?.forget(worker);
    // Once the run has failed, its workers are killed on purpose.
    if (!worker.saidBye && state !== 'gone' && this.#gate.failure === undefined) {
      if (this.#startedAtMs > 0) this.#lostUnderLoad(worker, state === 'finished', reason);
      else this.#lostBeforeLoad(worker, reason);
    }
    this.#gate.wake();
  }

  #lostBeforeLoad(worker: Worker, reason: string): void {
    this.#options?.onLog('error', `worker ${worker.index} was lost: ${reason}`);
    if (this.#stages.settingUp) {
      this.#gate.failure = new TargetError(`a worker was lost during the suite's setup: ${reason}`);
    } else {
      this.#gate.failure = new PlimsollError(exitCodes.internal, `a worker could not start: ${reason}`, {
        hint: 'its last output is in run.log; code that runs while the suite is loaded must not end the process',
      });
    }
  }

  /** Its users are started again in another process, at once. */
  #lostUnderLoad(worker: Worker, finished: boolean, reason: string): void {
    const options = this.#options!;
    const atMs = machineMs() - this.#startedAtMs;
    const farewell = worker.farewell(atMs);
    if (farewell !== undefined) options.onWindow(farewell, []);
    const lost = lossSentence(worker, atMs, reason);
    if (finished) {
      options.onLog('error', `${lost}; its work was complete, except for its last report`);
      return;
    }
    const { users } = this.#gaps.open(worker, atMs, reason);
    options.onGaps(this.#gaps.gaps);
    const whose = users === 1 ? 'its user is' : `its ${users} users are`;
    const planLeftMs = options.plan.durationMs - atMs;
    const refusal = refusalOf(worker, planLeftMs, this.#ending || this.#stopping !== undefined);
    if (refusal !== undefined) {
      options.onLog('error', `${lost}; ${whose} not started again: ${refusal}`);
      return;
    }
    options.onLog('error', `${lost}; ${whose} started again in another process`);
    const replacement = this.#replace(worker);
    startTimer(() => this.#giveUp([replacement]), planLeftMs + lateArrivalMs).unref();
  }

  #tookOver(worker: Worker, atMs: number): void {
    if (this.#ending) return;
    const gap = this.#gaps.close(worker.index, atMs);
    this.#options?.onGaps(this.#gaps.gaps);
    if (gap !== undefined) this.#options?.onLog('warn', comebackSentence(worker, gap));
  }

  /** Replacements that have not taken over when the run ends are not waited for. */
  #giveUp(workers: readonly Worker[] = this.#workers): void {
    for (const worker of workers) {
      if (!worker.comesLate) continue;
      worker.state = 'gone';
      worker.process.kill();
    }
    this.#gate.wake();
  }
}
